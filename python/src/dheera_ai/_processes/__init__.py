"""Programs that end with this process, and what a forked child must not keep of them."""
