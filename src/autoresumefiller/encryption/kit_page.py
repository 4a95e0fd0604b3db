"""The recovery kit as a page to print: one HTML file, nothing loaded from anywhere."""

from html import escape

from autoresumefiller.encryption.recovery import RecoveryKit

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Recovery kit</title>
<style>
  @page {{ margin: 18mm; }}
  body {{ font: 12pt/1.5 Georgia, "Times New Roman", serif; color: #111; background: #fff;
         max-width: 42rem; margin: 2rem auto; padding: 0 1rem; }}
  h1 {{ font-size: 20pt; margin: 0 0 .2rem; }}
  .made {{ color: #444; margin: 0 0 1.2rem; }}
  pre, code {{ font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; }}
  pre {{ font-size: 9.5pt; line-height: 1.45; border: 1px solid #888; border-radius: 4px;
        padding: .8rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere;
        break-inside: avoid; }}
  .command {{ white-space: nowrap; }}
  .line {{ border-bottom: 1px solid #888; height: 2.2rem; }}
  .screen {{ background: #f3efe2; border-radius: 4px; padding: .6rem 1rem; }}
  @media print {{ .screen {{ display: none; }} body {{ margin: 0; }} }}
</style>
</head>
<body>
<p class="screen">Print this page, test the kit, then delete this file: it belongs on paper.</p>
<h1>Recovery kit</h1>
<p class="made">of an AutoResumeFiller vault, made {created} (UTC)</p>
<p>With this page <strong>and its passphrase</strong> you can read your encrypted profile and
your encrypted backups on any computer. Without them, and without the computer that holds the
key, nobody can: not even the makers of the program.</p>
<p>Keep it away from the computer. The passphrase is not on it on purpose; a hint that only you
understand may go here:</p>
<div class="line"></div>
<pre>{block}</pre>
<p>Public key of this kit: <code>{recipient}</code></p>
<p>To test it: <code class="command">arf key verify-kit FILE</code><br>
On a new machine: <code class="command">arf import BACKUP --kit FILE</code><br>
Without AutoResumeFiller: <code class="command">age -d -i FILE BACKUP.zip.age</code></p>
<p>FILE is a text file with the block above, both dashed lines included, line by line. Capital and
small letters matter; a letter that is wrong makes the test fail, and nothing worse.</p>
</body>
</html>
"""


def kit_page(kit: RecoveryKit) -> str:
    """Return the page, complete in itself."""
    return _PAGE.format(
        created=f"{kit.created:%Y-%m-%d}",
        block=escape(kit.block.rstrip("\n")),
        recipient=escape(kit.recipient),
    )
