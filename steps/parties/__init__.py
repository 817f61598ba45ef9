"""The parties behind the pages, met directly: the shop's API, the test gateways of airline and bank."""
