"""Apache with mod_auth_openidc, run from a folder of its own with the block of docs/integrate.md."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests.clients import programs
from tests.clients.extranets import Extranet
from tests.clients.snippets import snippet
from tests.demo.launching import free_port
from tests.world import World

MODULES = ("mpm_event", "authz_core", "authz_user", "authn_core", "mime", "dir", "include", "auth_openidc")
PLACES = "/usr/lib/apache2/modules"
SHOWN = ("REMOTE_USER", "OIDC_CLAIM_sub", "OIDC_CLAIM_person", "OIDC_CLAIM_account", "OIDC_CLAIM_acr")
FRAME = """\
ServerRoot {folder}
DefaultRuntimeDir {folder}
PidFile {folder}/pid
ServerName {host}
Listen {host}
KeepAlive Off
ErrorLog {folder}/error.log
LogLevel warn auth_openidc:info
TypesConfig /dev/null
AddType text/html .shtml .html
AddOutputFilter INCLUDES .shtml
DirectoryIndex index.shtml
DocumentRoot {folder}/pages
Options +Includes
<Files "logged-out">
  ForceType text/html
</Files>
"""


@contextmanager
def running(world: World) -> Iterator[Extranet]:
    """Onboard a syndic whose extranet is behind Apache: its page shows what the module tells the application."""
    url = f"http://127.0.0.1:{free_port()}"
    syndic = world.syndic(extranet=url)
    with _folder() as folder:
        (folder / "apache.conf").write_text(_configuration(folder, urlsplit(url).netloc), encoding="utf-8")
        program = shutil.which("apache2", path=f"{os.environ['PATH']}:/usr/sbin")
        argv = [str(program), "-X", "-f", str(folder / "apache.conf")]
        with programs.running(argv, folder, programs.surroundings(syndic, url), f"{url}/logged-out"):
            yield Extranet(url, syndic)


def _configuration(folder: Path, host: str) -> str:
    modules = "".join(f"LoadModule {name}_module {PLACES}/mod_{name}.so\n" for name in MODULES)
    person = "User www-data\nGroup www-data\n" if os.geteuid() == 0 else ""  # Apache refuses to serve as root
    return modules + FRAME.format(folder=folder, host=host) + person + snippet("mod_auth_openidc")


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder that Apache's own user may read, when root starts it."""
    folder = Path(tempfile.mkdtemp(prefix="trousseau-apache-"))
    folder.chmod(0o755)
    pages = folder / "pages"
    pages.mkdir()
    shown = "".join(f'<dt>{name}</dt><dd id="{name}"><!--#echo var="{name}" --></dd>' for name in SHOWN)
    (pages / "index.shtml").write_text(f"<h1>Mon espace client</h1><dl>{shown}</dl>", encoding="utf-8")
    (pages / "logged-out").write_text("<h1>Au revoir</h1>", encoding="utf-8")
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
