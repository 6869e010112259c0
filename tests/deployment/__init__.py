"""The deployment's own files, run: what Dockerfile, docker-compose.yml, nginx.conf and docs/operate.md say happens.

No container engine is needed: `dockerfile` runs the image's steps in a fresh folder, `engine` starts what the compose
file describes as plain processes on loopback addresses.
"""
