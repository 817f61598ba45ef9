"""The probe stage: sends requests that no scenario sends, made from OpenAPI documents, and compares their answers.

The gate starts `send` as a child process and judges only the record that it writes. Schemathesis is imported there
alone.
"""
