"""The Config plan."""

from tests.conformance import discovery, signatures
from tests.conformance.party import Party


def test_oidcc_discovery_endpoint_verification(party: Party) -> None:
    metadata = discovery.read(party.http, party.provider.issuer)
    signatures.published(party.http, metadata["jwks_uri"])
