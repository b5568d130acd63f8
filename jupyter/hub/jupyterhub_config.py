"""A JupyterHub for the users of one Linux machine (docs/jupyterhub.md)."""

c = get_config()  # type: ignore[name-defined]  # noqa: F821  JupyterHub provides it

# Whoever has an account on this machine logs in with its password (PAM); to choose, set `allowed_users`.
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
c.Spawner.default_url = "/lab"
# Everybody works in their home; the teacher's own settings say where the clone lies there.
c.Spawner.notebook_dir = "~"
