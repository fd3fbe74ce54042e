"""The cookie that Streamlit keeps a login in: signed with the server's secret, read here as Streamlit reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME


def claims_in(cookies: Mapping[str, str]) -> dict[str, Any]:
    """The claims of the login in a request's cookies, empty where there is none that this server has signed."""
    secret = get_cookie_secret()

    def signed(name: str) -> bytes | None:
        value = cookies.get(name)
        return decode_signed_value(secret, name, value.encode("latin-1")) if value and secret else None

    try:
        text = get_cookie_with_chunks(signed, USER_COOKIE_NAME)
        claims = json.loads(text) if text else {}
    except (UnicodeError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


def is_of_login(name: str) -> bool:
    """Whether a cookie of that name holds a login, or a piece of one."""
    return name.startswith(USER_COOKIE_NAME)
