"""The browser edition: the whole course in a static folder, with Python in the page (JupyterLite, Pyodide)."""
