"""Tables that people bring: workbooks, text files, pasted cells; read as text, never computed."""
