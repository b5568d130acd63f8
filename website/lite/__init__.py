"""The browser edition: the course in a static folder, with Python in the page (JupyterLite, Pyodide)."""
