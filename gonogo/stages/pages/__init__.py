"""The pages stage: opens a site's front page and the pages that it links to in a browser. It needs no suite.

The gate starts `visit` as a child process and judges only the record that it writes.
"""
