"""The part of docs/cli.md that is written by hand: what all commands share, and a worked example for each job."""

GUIDE = r"""
# The command line

Made from the help texts by `make docs`. The command is `captioner`; `python -m lib` in a checkout is the same. It runs
from any folder.

## What all commands share

- `-h`, `--help`; `--version`; `--json`: one JSON object on stdout; `-q`: nothing on stderr but what ends the command;
  `-v`: more, and in a pipe a line each ten seconds with how far it is. On a terminal a bar is drawn.
- stdout is the result, stderr is what happens. Nothing is wrapped or coloured in a pipe.
- The exit status is 0 when all went well; 1 when something failed, was left alone or is at fault; 2 when the command
  was wrong, and nothing was begun; 130 when it was broken off by Ctrl+C, with a summary of what was done. A second
  Ctrl+C ends it at once.
- Every change is one operation: `undo` takes it back, `history` lists it, the dashboard shows it.
- `--dry-run` changes nothing and sends nothing. For captions it prints a diff that `patch -p1` takes; for vectors,
  parts and requests it tells how many there would be, and at a known pace how long they take.
- Which images: `--only QUERY`, `--tagged`, `--untagged`, `--folder NAME`, `--from FILE` (names, one a line; `-` is
  stdin), `--limit N`. They add up.
- Images that are marked as left out (`captioner mark`, or X on the pages) are passed over. stderr and `left_out` in the
  counts say how many that are; `--only left_out:yes` reaches them.
- `captioner --install-completion` teaches your shell the commands, options, models and formats.

### The form of a result

```json
{"ok": true, "operation": 7, "counts": {"changed": 3, "hits": 4, "left_alone": 0}, "failed": [], "seconds": 0.41}
```

| key | what it is |
|---|---|
| `ok` | true where the exit status is 0 |
| `operation` | the number that `undo` takes, null where nothing was changed |
| `counts` | numbers by name, for every command |
| `failed` | `[{"image", "reason"}]`: each image (or file) that failed, was left alone or is at fault |
| `seconds` | how long it took |
| `error` | only where the command ended before its work was done: why |

Other keys belong to a command: `images` of `filter`, `operations` of `history`, `problems` of `scan`. Where the
command itself was wrong (exit status 2), stdout is empty and stderr has the sentence.

## Jobs

### Caption a folder

```bash
captioner models                                             # which there are, and whose key is set
captioner models --test llava --base-url http://127.0.0.1:11434/v1
captioner caption photos/ --model llava --base-url http://127.0.0.1:11434/v1 --try 3     # saves nothing, tells the cost
captioner caption photos/ --model llava --base-url http://127.0.0.1:11434/v1
captioner caption photos/ --model llava --base-url http://127.0.0.1:11434/v1 --retry-failed
```

It is broken off by Ctrl+C, and the same command goes on with the rest. Two at a time never ask for the same image.
`captioner jobs` lists what is under way or waits, on pages of the dashboard, too:

```bash
captioner jobs
```

### Put a trigger word before every caption

```bash
captioner affix photos/ --prefix "sks dog" --dry-run
captioner affix photos/ --prefix "sks dog"
captioner undo photos/
```

Images without a caption stay without one, so that `caption` still finds them.

### Clean up tags

```bash
captioner tags photos/ --remove "watermark, signature" --dry-run
captioner tags photos/ --rename "kitty" "cat"
captioner tags photos/ --unique --only "cat"
captioner replace photos/ "a (cat|dog)" "one \1" --regex
captioner set photos/a.jpg "a cat on a sofa"
```

### Find by meaning

```bash
captioner find photos/ "a dog on a beach" --top 20
captioner find photos/ --like photos/a.jpg --by tags --json
```

By likeness of vectors, so that other words for the same are found too, and images without a caption.

### Find what is wrong, and mend it

```bash
captioner review photos/ --checks captions,pictures --out scores.csv || true     # 1 where there are errors
captioner filter photos/ "finding:empty, width:<512"
captioner fix photos/ --check captions --dry-run
captioner fix photos/ --check tag_twice,tag_case
captioner undo photos/
```

`--check` takes a check or a kind of its findings. A caption changes, or an image is set aside with its caption: nothing
is deleted. A finding without a safe fix is left to a person.

### Leave images out, and give them stars

```bash
captioner mark photos/ --leave-out --only "cat AND NOT dog"
captioner filter photos/ "left_out:yes"
captioner mark photos/ --keep
captioner mark photos/ --rating 4 --only "dog"
captioner filter photos/ "rating:>=4"
```

What is left out stays where it is with its caption. Exports, clusters, edits and runs of captions pass it over, and an
export's manifest lists it. `fix --leave-out` marks what it would set aside.

### Work on a part

```bash
captioner filter photos/ "cat AND NOT dog" > cats.txt
captioner affix photos/ --suffix "studio light" --from cats.txt
captioner filter photos/ --untagged --json | python3 -c "import json, sys; print(json.load(sys.stdin)['count'])"
```

### Look at what was done

```bash
captioner history photos/
captioner history photos/ --operation 1
captioner undo photos/ 1 --dry-run
```

### Prepare a dataset in a Makefile

```make
out/webdataset: captions.txt
	captioner import captions.txt photos/ --existing overwrite -q
	captioner scan photos/ --json | jq -e '.counts.untagged == 0'
	captioner affix photos/ --prefix "sks dog" -q
	captioner export photos/ out/ --format webdataset --replace -q
	captioner verify out/
```

### More than one machine, or more than one night

```bash
captioner run import photos/ table/ --workers 2              # any source becomes a table: part-000000.parquet, ...
captioner run caption photos/ captions/ --model llava --base-url http://127.0.0.1:11434/v1 --rpm 600
captioner run review table/ findings/
captioner run status captions/
captioner tags captions/ --remove watermark                  # as on a folder; edits lie beside the table's files
captioner compact captions/ --dry-run                        # and are folded into its files by this
```

A source is a folder, WebDataset shards or Parquet, here or at `s3://`, `gs://`, `hf://`; so is where the table goes.
Each part is one file, which is all that is known of the progress: the same command makes what is missing, on this
machine or with `--engine ray` on a cluster ([scale.md](scale.md)). With `--json` a run tells `done`, `reused`, `failed`
(samples), `parts` and `items_per_s`.

### Take it elsewhere

```bash
captioner export photos/ captions.csv --format csv
captioner export photos/ out/ --format imagefolder --validation 0.1
captioner verify out/
captioner cluster photos/ --k 2 --method tfidf --out clusters.csv
```
"""
