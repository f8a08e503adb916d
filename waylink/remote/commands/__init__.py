"""The command line of the members' side: text in, one plain function of `waylink.remote`, the result told."""
