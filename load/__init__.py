"""Load profiles, one a file: `locust -f load/ --headless --env preprod --profile steady`.

Size and objectives stand in environments.yml. Files that begin with `_` are shared and not run by themselves.
"""
