"""HTTP exchanges: the component of an address, the endpoint of a path, and the cause that an error answer reports."""
