"""Reading subtitle files of any dialect: one program, which runs in the sandbox."""
