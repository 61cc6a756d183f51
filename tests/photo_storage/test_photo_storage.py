"""Both places in which photos can be keep the same three words."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from ivr.domain.errors import BadSetting, PhotoStorageUnavailable
from ivr.photo_storage import PhotoStorage, make_photo_storage
from ivr.settings import Settings, load_settings

ENOUGH = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "token",
    "PUBLIC_URL": "https://line.example.com",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
}
KEY = {"IVR_PHOTOS_KEY": "key", "IVR_PHOTOS_SECRET": "secret"}
NAME = "0123456789ab.large.jpg"


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a service that speaks S3, with a bucket named `ours`."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.client("s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s")  # fmt: skip
    client.create_bucket(Bucket="ours")
    yield url
    server.stop()


def bucket(url: str, **more: str) -> Settings:
    return load_settings(
        {**ENOUGH, **KEY, "IVR_PHOTOS": "s3://ours/photos/", "IVR_PHOTOS_ENDPOINT": url, **more}
    )


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> PhotoStorage:
    if request.param == "folder":
        return make_photo_storage(load_settings({**ENOUGH, "IVR_PHOTOS": str(tmp_path / "photos")}))
    return make_photo_storage(bucket(request.getfixturevalue("s3")))


def test_what_is_put_is_there_until_it_is_deleted(place: PhotoStorage) -> None:
    assert place.get(NAME) is None
    place.put(NAME, b"one")
    place.put(NAME, b"another")
    assert place.get(NAME) == b"another"
    place.delete(NAME)
    place.delete(NAME)
    assert place.get(NAME) is None


def test_in_a_bucket_they_stand_behind_the_prefix_as_jpeg(s3: str) -> None:
    make_photo_storage(bucket(s3)).put(NAME, b"one")
    client = boto3.client("s3", endpoint_url=s3, region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s")  # fmt: skip
    found = client.get_object(Bucket="ours", Key=f"photos/{NAME}")
    assert (found["ContentType"], found["Body"].read()) == ("image/jpeg", b"one")


def test_a_place_that_cannot_be_reached_says_so(tmp_path: Path, s3: str) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        nobody = make_photo_storage(bucket(f"http://127.0.0.1:{held.getsockname()[1]}"))
        no_bucket = make_photo_storage(bucket(s3, IVR_PHOTOS="s3://theirs"))
        (tmp_path / "photos").write_text("no folder")
        no_folder = make_photo_storage(load_settings({**ENOUGH, "IVR_PHOTOS": str(tmp_path / "photos")}))
        for place in (nobody, no_bucket, no_folder):
            with pytest.raises(PhotoStorageUnavailable):
                place.put(NAME, b"one")


def test_half_a_photo_is_never_there(tmp_path: Path) -> None:
    place = make_photo_storage(load_settings({**ENOUGH, "IVR_PHOTOS": str(tmp_path / "photos")}))
    place.put(NAME, b"one")
    with pytest.raises(TypeError):
        place.put(NAME, io.StringIO("not bytes"))  # type: ignore[arg-type]
    assert [f.name for f in (tmp_path / "photos").iterdir()] == [NAME]
    assert place.get(NAME) == b"one"


def test_a_bucket_without_its_key_stops_start_up() -> None:
    with pytest.raises(BadSetting, match="IVR_PHOTOS_KEY"):
        load_settings({**ENOUGH, "IVR_PHOTOS": "s3://ours"})
