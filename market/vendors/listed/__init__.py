"""Lists of vendors that people bring: a chain of a chat group, cells of a table; read, then judged."""
