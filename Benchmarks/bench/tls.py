"""One certificate for all, with an ECDSA key as is usual today."""
import subprocess

from bench.load import need


class Certificate:
    def __init__(self, workshop):
        self.certificate, self.key, self.both = (workshop.path(name) for name in ("cert.pem", "key.pem", "both.pem"))
        subprocess.run(
            [need("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", self.key, "-out", self.certificate],
            check=True, capture_output=True)
        with open(self.both, "w") as both:
            for path in (self.certificate, self.key):
                with open(path) as file:
                    both.write(file.read())
