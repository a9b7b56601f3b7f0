"""Numbers of advisory locks that programs outside Django share with the product."""

#: Held shared while files are copied (a backup), tried alone by whoever deletes files.
FILES_LOCK = 0x59494E56
