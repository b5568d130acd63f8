"""The browser edition: the whole course in a static folder, Python in the page (JupyterLite, Pyodide)."""
