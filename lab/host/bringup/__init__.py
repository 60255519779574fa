"""From a bare machine to images: the venv, Debian's packages, an engine, the base image, the lab's images."""
