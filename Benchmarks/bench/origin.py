"""The origin: an nginx on the load's core that answers every request from memory."""
import glob

from bench import documents, settings
from bench.load import need
from bench.processes import free_ports

# Where a file would refuse a POST, the same file is the answer.
CONFIG = """daemon off; worker_processes 1; pid {folder}/origin.pid; error_log {folder}/origin.err;
events {{ worker_connections 30000; }}
http {{ access_log off; keepalive_requests 1000000000; keepalive_timeout 3600; client_body_buffer_size 128k;
client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
open_file_cache max=100; open_file_cache_valid 3600s; output_buffers 1 256k;
server {{ listen 127.0.0.1:{port} backlog=4096; root {folder}/origin; default_type application/json; error_page 405 =200 $uri;
location /soap/ {{ types {{ }} default_type "text/xml; charset=GBK"; }} }} }}"""


def slug(case):
    return case.replace(" ", "").lower()


class Origin:
    def __init__(self, workshop):
        self.port = free_ports(1)[0]
        self.url = f"http://127.0.0.1:{self.port}"
        for case in documents.SIZES:
            workshop.write(f"origin/plain/{slug(case)}", documents.plain(documents.PLAIN[case]))
            workshop.write(f"origin/case/{slug(case)}", documents.case_reply(case))
            workshop.write(f"origin/soap/{slug(case)}", documents.soap_reply(case))
        workshop.write("origin/item", '{"name":"企业投资项目核准"}')
        config = workshop.write("origin.conf", CONFIG.format(folder=workshop.folder, port=self.port))
        self.program = workshop.start("origin", str(settings.LOAD_CORE), [need("nginx"), "-c", config, "-p", workshop.folder]).wait_for(self.port)

    def bytes_of(self, workshop, kind, case):
        with open(f"{workshop.folder}/origin/{kind}/{slug(case)}", "rb") as file:
            return file.read()


def lua_modules():
    """The load_module lines of nginx's Lua module, or nothing where it is not installed."""
    found = sorted(glob.glob("/usr/lib/nginx/modules/ndk_http_module.so")) + sorted(glob.glob("/usr/lib/nginx/modules/ngx_http_lua_module.so"))
    return "".join(f"load_module {path};\n" for path in found) if len(found) == 2 else ""
