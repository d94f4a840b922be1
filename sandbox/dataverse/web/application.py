"""The WSGI application of one environment."""

import re
import sqlite3
import uuid
import zlib
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from sandbox.clock import Clock
from sandbox.database import Database
from sandbox.dataverse.errors import ApiError
from sandbox.dataverse.metadata.customize.keys import activate
from sandbox.dataverse.organization import Organization
from sandbox.dataverse.protection import Limits, Protection
from sandbox.dataverse.records.jobs import Runner
from sandbox.dataverse.records.session import Session
from sandbox.dataverse.security.access import Access
from sandbox.dataverse.setup import set_up
from sandbox.dataverse.web.batch import BATCH, Batch
from sandbox.dataverse.web.bypass import check_bypass
from sandbox.dataverse.web.call import Answer, Call, error_answer
from sandbox.dataverse.web.preferences import Preferences
from sandbox.dataverse.web.router import dispatch
from sandbox.directory import Directory
from sandbox.directory.model import Environment
from sandbox.tokens import InvalidToken, TokenAuthority

ROOT = re.compile(r"/api/data/v9\.[0-2](?=/|\Z)")
LARGEST_BODY = 128 * 1024 * 1024
GZIP_FROM = 1024
ADMINISTRATOR = "627090ff-40a3-4053-8790-584edc5be201"
STATE_OF_TOKEN = {"expired": "0x8004A101"}


class DataverseApplication:
    """Serves /api/data/v9.x of an environment to whoever holds a token for it."""

    def __init__(
        self,
        environment: Environment,
        database: Database,
        directory: Directory,
        tokens: TokenAuthority,
        clock: Clock,
        *,
        login: str = "https://login.microsoftonline.com",
    ) -> None:
        """`login` is the origin that the 401 challenge sends people to."""
        self.environment = environment
        self._login = login
        self.organization = Organization(environment, database, directory, clock)
        self._tokens = tokens
        self._runner = Runner(self.organization, self._session_of)
        settings = directory.settings
        self._protection = Protection(lambda: Limits.of(settings.all()), clock.timestamp)

    def ensure_ready(self, scenario: str = "small") -> None:
        """Create schema and data unless they are there. Raises ValueError for an unknown scenario."""
        set_up(self.organization, scenario)

    def has_user(self, oid: str) -> bool:
        """Has this person, by Entra object id, an enabled user here? What discovery lists by."""
        row = self.organization.callers.find(oid)
        return row is not None and not row["isdisabled"]

    def is_administrator(self, oid: str) -> bool:
        """Is this person System Administrator here?"""
        row = self.organization.callers.find(oid)
        if row is None or row["isdisabled"]:
            return False
        found = self.organization.read().execute(
            "SELECT 1 FROM systemuserroles ur JOIN role r ON r.roleid = ur.roleid"
            " WHERE ur.systemuserid = ? AND r.roletemplateid = ?",
            (row["systemuserid"], ADMINISTRATOR),
        )
        return found.fetchone() is not None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        request.max_content_length = LARGEST_BODY
        try:
            answer = self._answer(request)
        except ApiError as error:
            answer = error_answer(error)
        return self._response(request, answer)(environ, start_response)

    def _answer(self, request: Request) -> Answer:
        raw = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path)
        path, _, query = raw.partition("?")
        if path.startswith("http"):
            path = "/" + path.split("/", 3)[-1]
        path = unquote(path)
        root = ROOT.match(path)
        if root is None:
            message = f"No HTTP resource was found that matches the request URI '{request.base_url}'."
            raise ApiError("SegmentUnknown", message)
        access = self._access(request)
        user = access.real_user_id
        try:
            with self._protection.admit(user) as standing:
                base = f"{request.scheme}://{request.host}{root.group()}"
                answer = self._served(request, access, (path[root.end() :], query), base)
        except ApiError as refused:
            standing = self._protection.standing(user)
            answer = error_answer(refused)
        answer.headers |= standing.headers()
        answer.headers["x-ms-dop-hint"] = str(
            int(self.organization.directory.settings.get("dataverse_dop_hint"))
        )
        return answer

    def _served(self, request: Request, access: Access, address: tuple[str, str], base: str) -> Answer:
        """The answer to a request that was let in, its errors included."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            try:
                body = request.get_data(cache=False)
            except HTTPException as error:
                raise ApiError("TooLarge", "The request body is too large.", status=error.code) from error
            self._runner.run_due()
            call = Call(request.method, *address, headers, body, base)
            if call.path.strip("/") == BATCH:
                return Batch(self.organization, call, lambda part: self._one(part, access)).answer()
            return self._one(call, access)
        except ApiError as error:
            return error_answer(error)

    def _one(self, call: Call, access: Access) -> Answer:
        """One operation: a request of its own or a part of a batch. Raises ApiError."""
        activate(self.organization)
        session = self._session(call, access)
        check_bypass(session.access, call)
        try:
            answer = dispatch(session, call)
        except sqlite3.OperationalError as error:
            # The tables changed between the reading of the metadata and that of the rows: look again.
            if "no such" not in str(error) or session.snapshot is self.organization.snapshot:
                raise
            answer = dispatch(self._session(call, access), call)
        answer = answer.at_level(call.preferences.metadata)
        if call.preferences.applied and "Preference-Applied" not in answer.headers:
            answer.headers["Preference-Applied"] = ", ".join(call.preferences.applied)
        return answer

    def _session(self, call: Call, access: Access) -> Session:
        acting = self._impersonated(call, access)
        session = Session(self.organization, self.organization.snapshot, acting, call.preferences, call.base)
        session.references = call.references
        return session

    def _session_of(self, user_id: str) -> Session | None:
        """For work in the background."""
        access = self.organization.callers.of_user(user_id)
        if access is None:
            return None
        origin = self.environment.origin
        return Session(self.organization, self.organization.snapshot, access, Preferences(), origin)

    def _impersonated(self, call: Call, access: Access) -> Access:
        object_id, user_id = call.header("callerobjectid"), call.header("mscrmcallerid")
        if object_id is None and user_id is None:
            return access
        return self.organization.callers.impersonate(access, object_id=object_id, user_id=user_id)

    def _access(self, request: Request) -> Access:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise self._unauthorized("missing")
        try:
            claims = self._tokens.verify(token.strip(), self.environment.origin)
        except InvalidToken as error:
            raise self._unauthorized(error.reason) from error
        if claims.tid != self.environment.tenant_id:
            raise self._unauthorized("audience")
        if not claims.is_application and "user_impersonation" not in claims.scp:
            raise self._unauthorized("audience")
        return self.organization.callers.resolve(claims)

    def _unauthorized(self, reason: str) -> ApiError:
        """The challenge names the tenant: that is how clients find out where to sign in."""
        authority = f"{self._login}/{self.environment.tenant_id}/oauth2/authorize"
        challenge = f"Bearer authorization_uri={authority}, resource_id={self.environment.origin}/"
        return ApiError(
            "Unauthorized",
            f"The access token is not acceptable ({reason}).",
            status=401,
            code=STATE_OF_TOKEN.get(reason, "0x8004A100"),
            headers={"WWW-Authenticate": challenge},
        )

    def _response(self, request: Request, answer: Answer) -> Response:
        content = answer.content()
        response = Response(status=answer.status)
        headers = response.headers
        del headers["Content-Type"]
        if content:
            headers["Content-Type"] = answer.content_type
            if len(content) >= GZIP_FROM and "gzip" in request.headers.get("Accept-Encoding", "").lower():
                content = _gzip(content)
                headers["Content-Encoding"] = "gzip"
            headers["Vary"] = "Accept-Encoding"
        _usual_headers(headers)
        for name, value in answer.headers.items():
            headers[name] = value
        response.set_data(b"" if request.method == "HEAD" else content)
        headers["Content-Length"] = str(len(content))
        return response


def _usual_headers(headers: Any) -> None:
    request_id = str(uuid.uuid4())
    headers["OData-Version"] = "4.0"
    headers["Cache-Control"] = "no-cache"
    headers["Expires"] = "-1"
    headers["Allow"] = "OPTIONS,GET,HEAD,POST"
    headers["REQ_ID"] = request_id
    headers["x-ms-service-request-id"] = f"{request_id},{uuid.uuid4()}"
    headers["AuthActivityId"] = str(uuid.uuid4())


def _gzip(content: bytes) -> bytes:
    packer = zlib.compressobj(level=1, wbits=31)
    return packer.compress(content) + packer.flush()
