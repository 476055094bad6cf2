"""A client with no file of ours: everything it knows of the contract it asks the server (gRPC reflection).

usage: reflection_client.py HOST:PORT TOKEN
Prints "ok" and ends with 0 when all is as promised.
"""

import sys

import grpc
from google.protobuf import descriptor_pool, json_format, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

EXPECTED = {"CaseService", "LedgerService", "WatchService", "AuditService", "ProcedureService", "DirectoryService",
            "CalendarService", "OperationsService"}


class Contract:
    """Methods by name, as the server describes them."""

    def __init__(self, channel, token):
        self.database = ProtoReflectionDescriptorDatabase(channel)
        self.pool = descriptor_pool.DescriptorPool(self.database)
        self.channel = channel
        self.metadata = [("authorization", "Bearer " + token)]

    def message(self, name):
        return message_factory.GetMessageClass(self.pool.FindMessageTypeByName(name))

    def call(self, service, method, **fields):
        found = self.pool.FindServiceByName("duban.v1." + service).FindMethodByName(method)
        request = message_factory.GetMessageClass(found.input_type)(**fields)
        answer = message_factory.GetMessageClass(found.output_type)
        open_call = self.channel.unary_stream if found.server_streaming else self.channel.unary_unary
        rpc = open_call(f"/duban.v1.{service}/{method}", request_serializer=lambda m: m.SerializeToString(),
                        response_deserializer=answer.FromString)
        return rpc(request, metadata=self.metadata, timeout=20)

    def details(self, error):
        """The google.rpc.Status that travels with a failure, as plain values."""
        raw = dict(error.trailing_metadata())["grpc-status-details-bin"]
        status = self.message("google.rpc.Status").FromString(raw)
        out = []
        for detail in status.details:
            kind = self.message(detail.type_url.split("/")[-1])
            out.append(json_format.MessageToDict(kind.FromString(detail.value), descriptor_pool=self.pool))
        return out


def main(target, token):
    with grpc.insecure_channel(target) as channel:
        contract = Contract(channel, token)

        services = set(contract.database.get_services())
        missing = {"duban.v1." + name for name in EXPECTED} | {"grpc.health.v1.Health"}
        assert missing <= services, f"not listed: {missing - services}"
        # Every method of every service of ours can be described, types and all.
        for name in sorted(services):
            if name.startswith("duban."):
                for method in contract.pool.FindServiceByName(name).methods:
                    assert method.input_type.full_name and method.output_type.full_name

        me = contract.call("DirectoryService", "WhoAmI")
        assert me.person.name == "persons/operator", me
        workspace = contract.call("OperationsService", "GetWorkspace")
        assert workspace.version, workspace

        for mark in contract.call("WatchService", "WatchEvents", heartbeat_s=1, beginning=True):
            if mark.HasField("mark"):
                assert mark.mark.resume_token, mark
                break

        try:
            contract.call("CaseService", "GetCase", case="cases/none")
            raise AssertionError("a case that is not there was shown")
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.NOT_FOUND, error
            details = contract.details(error)
            assert any(d.get("domain") == "duban" and d.get("reason") for d in details), details
            assert {d["locale"] for d in details if "locale" in d} == {"zh-CN", "en"}, details

        contract.metadata = []
        try:
            contract.call("DirectoryService", "WhoAmI")
            raise AssertionError("answered without a token")
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.UNAUTHENTICATED, error
    print("ok")


if __name__ == "__main__":
    main(*sys.argv[1:])
