"""The Syncline server. Start at ``app``: it is the only place that constructs and wires."""

from syncline_server.config import silence_grpc

silence_grpc()  # here, because gRPC looks when it is loaded, which every other module may do
