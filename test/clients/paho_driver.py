"""Performs commands on paho-mqtt clients: one JSON object a line in, answers and events out the same way."""

import json
import sys
import threading

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

VERSIONS = {3: mqtt.MQTTv31, 4: mqtt.MQTTv311, 5: mqtt.MQTTv5}
WAIT_SECONDS = 5

output = threading.Lock()
clients = {}


def write(line):
    with output:
        print(json.dumps(line), flush=True)


class Driven:
    def __init__(self, name, given):
        self.name = name
        self.version = given["protocolVersion"]
        self.payloads = {}
        self.granted = {}
        self.changed = threading.Condition()
        self.refusal = None
        self.is_connected = False
        options = {} if self.version == 5 else {"clean_session": given["clean"]}
        self.client = mqtt.Client(
            client_id=given["clientId"],
            protocol=VERSIONS[self.version],
            transport=given["transport"],
            reconnect_on_failure=given["reconnect"],
            **options,
        )
        self.client.reconnect_delay_set(0.05, 0.1)
        self.client.on_connect = self.on_connect
        self.client.on_disconnect = self.on_disconnect
        self.client.on_message = self.on_message
        self.client.on_publish = self.on_publish
        self.client.on_subscribe = self.on_subscribe

    def event(self, name, **fields):
        write({"client": self.name, "event": name, **fields})

    def wait(self, condition):
        with self.changed:
            if not self.changed.wait_for(condition, WAIT_SECONDS):
                raise TimeoutError("the library did not call back")

    def connect(self, given):
        options = {}
        if self.version == 5:
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = given["sessionExpirySeconds"]
            options = {"clean_start": given["clean"], "properties": properties}
        self.client.connect(given["host"], given["port"], keepalive=60, **options)
        self.client.loop_start()
        self.wait(lambda: self.is_connected or self.refusal)
        if self.refusal:
            raise ConnectionError(self.refusal)

    def on_connect(self, _client, _userdata, flags, code, _properties=None):
        with self.changed:
            if code == 0:
                self.is_connected = True
                self.event("connected", sessionPresent=flags["session present"] == 1)
            else:
                self.refusal = str(code)
            self.changed.notify_all()

    def on_disconnect(self, _client, _userdata, code, _properties=None):
        with self.changed:
            self.is_connected = False
            self.event("lost", reason=str(code))
            self.changed.notify_all()

    def on_message(self, _client, _userdata, message):
        self.event(
            "message",
            topic=message.topic,
            payload=message.payload.decode(),
            qos=message.qos,
            retain=bool(message.retain),
            dup=bool(message.dup),
        )

    def on_publish(self, _client, _userdata, mid):
        with self.changed:
            # The acknowledgement may come before publish() has returned the identifier.
            self.changed.wait_for(lambda: mid in self.payloads, WAIT_SECONDS)
            self.event("delivered", payload=self.payloads.pop(mid))

    def on_subscribe(self, _client, _userdata, mid, granted, _properties=None):
        with self.changed:
            first = granted[0]
            self.granted[mid] = first if isinstance(first, int) else first.value
            self.changed.notify_all()

    def publish(self, given):
        options = {}
        if given.get("messageExpirySeconds") is not None:
            properties = Properties(PacketTypes.PUBLISH)
            properties.MessageExpiryInterval = given["messageExpirySeconds"]
            options = {"properties": properties}
        info = self.client.publish(
            given["topic"], given["payload"], given["qos"], given.get("retain", False), **options
        )
        with self.changed:
            self.payloads[info.mid] = given["payload"]
            self.changed.notify_all()

    def subscribe(self, given):
        _result, mid = self.client.subscribe(given["topicFilter"], given["qos"])
        self.wait(lambda: mid in self.granted)
        return self.granted[mid]

    def disconnect(self, _given):
        self.client.disconnect()
        self.wait(lambda: not self.is_connected)
        self.client.loop_stop()


def perform(line):
    if line["do"] == "connect":
        driven = Driven(line["client"], line)
        clients[line["client"]] = driven
        return driven.connect(line)
    return getattr(clients[line["client"]], line["do"])(line)


def answer(line):
    try:
        write({"id": line["id"], "answer": perform(line)})
    except Exception as error:  # whatever it is, the test is to show it
        write({"id": line["id"], "error": f"{type(error).__name__}: {error}"})


for text in sys.stdin:
    threading.Thread(target=answer, args=(json.loads(text),), daemon=True).start()
