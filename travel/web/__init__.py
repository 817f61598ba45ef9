"""travel's front end: plain JavaScript modules in the browser, served by a process of its own."""
