"""The class in a browser: pages, terminals and live processes, for whoever has a link. Runs in the container `web`."""
