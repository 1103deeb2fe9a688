"""The history as a dataset that other engines read: typed tables in Parquet files, one a month.

`layout` is the contract with those who read it. `export` decides what to write, `months` tells which months changed,
`content` makes the files of one, from what `reading` reads, as `encoding` writes it. `target` is where they go: a
`local_folder` or a `remote_folder`, as `open_target` understands a name.
"""
