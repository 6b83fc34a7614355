"""One module per page. Views read selectors, call services, and hand presentation to templates; they hold no rules of their own."""
