"""The pages stage: a site's front page, and what it links to, opened in a browser. It needs no suite.

The gate starts `visit` as a child process, reads the record that it wrote, and judges that alone.
"""
