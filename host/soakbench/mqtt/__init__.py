"""MQTT: what the bench says to the world, through an outbox that survives everything."""

from soakbench.mqtt.publisher import Broker, Publisher

__all__ = ["Broker", "Publisher"]
