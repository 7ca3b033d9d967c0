# A small firmware that does on request what the twin's tests are about.
#
# Lines from the host are commands, "name arg arg"; each is answered with a line. It uses the
# hardware as soakfw/board.py does.

import gc
import select
import sys
import time

import machine

SCRATCH0 = 0x4005800C

pins = {}
timers = []
dog = None
ticks = [0]
incoming = select.poll()
incoming.register(sys.stdin, select.POLLIN)
outgoing = select.poll()
outgoing.register(sys.stdout, select.POLLOUT)
pending = bytearray()
flood = [0, 0, 0]  # next line, lines in all, dots in each


def say(text):
    global pending
    pending = pending + text.encode() + b"\n"


def refill():
    if not pending and flood[0] < flood[1]:
        say(str(flood[0]) + "." * flood[2])
        flood[0] += 1
    return len(pending)


def send():
    global pending
    while refill():
        if not outgoing.poll(0):
            return
        written = sys.stdout.buffer.write(memoryview(pending)[:64])
        pending = pending[written:]


def pin(number, level):
    if number not in pins:
        pins[number] = machine.Pin(int(number), machine.Pin.OUT, value=int(level))
    pins[number](int(level))


def start_flood(count, size):
    flood[:] = [0, int(count), int(size)]


def count_tick(timer):
    ticks[0] += 1
    pins["5"](ticks[0] & 1)


def greedy_tick(timer):
    ticks.append([timer])


def start_timer(kind, period):
    pin("5", 0)
    callback = greedy_tick if kind == "greedy" else count_tick
    timer = machine.Timer(-1)
    timer.init(period=int(period), mode=machine.Timer.PERIODIC, callback=callback, hard=True)
    timers.append(timer)


def start_dog(ms):
    global dog
    dog = machine.WDT(timeout=int(ms))


def keep(index, value):
    machine.mem32[SCRATCH0 + 4 * int(index)] = int(value)


def scratch():
    return [machine.mem32[SCRATCH0 + 4 * i] for i in range(4)]


def lux():
    i2c = machine.I2C(0, scl=machine.Pin(21), sda=machine.Pin(20), freq=100000)
    i2c.writeto_mem(0x10, 0, bytes((0x00, 0x13)))
    word = bytearray(2)
    i2c.readfrom_mem_into(0x10, 4, word)
    return i2c.scan(), word[0] | word[1] << 8


def bus():
    return machine.I2C(0, scl=machine.Pin(21), sda=machine.Pin(20), freq=100000)


buses = []


def set_up():
    buses[:] = [bus()]


def transact(how, address, argument, register="0"):
    # Bytes in hexadecimal, or the number of an error.
    i2c, address = buses[0], int(address)
    try:
        if how == "write":
            return i2c.writeto(address, bytes.fromhex(argument))
        data = bytearray(int(argument))
        if how == "read":
            i2c.readfrom_into(address, data)
        else:
            i2c.readfrom_mem_into(address, int(register), data)
        return data.hex()
    except OSError as e:
        return e.errno


def clock(count):
    # As a bus is freed: SDA let go, clocks on SCL; what SDA says before and after.
    sda = machine.Pin(20, machine.Pin.IN, machine.Pin.PULL_UP)
    scl = machine.Pin(21, machine.Pin.OPEN_DRAIN, value=1)
    before = sda.value()
    for _ in range(int(count)):
        scl(0)
        scl(1)
    return before, sda.value()


def missing():
    i2c = machine.I2C(0, scl=machine.Pin(21), sda=machine.Pin(20))
    try:
        i2c.readfrom_mem(0x44, 0, 2)
    except OSError as e:
        return e.errno
    return None


def codes(gpio, count):
    adc = machine.ADC(machine.Pin(int(gpio)))
    return [adc.read_u16() for _ in range(int(count))]


def spin():
    while True:
        pass


def attempt(name):
    try:
        eval(name)
    except Exception as e:
        return type(e).__name__
    return "nothing"


VERBS = {
    "pin": pin,
    "flood": start_flood,
    "timer": start_timer,
    "ticks": lambda: ticks[0],
    "now": time.ticks_ms,
    "dog": start_dog,
    "keep": keep,
    "scratch": scratch,
    "lux": lux,
    "missing": missing,
    "bus": set_up,
    "i2c": transact,
    "clock": clock,
    "codes": codes,
    "spin": spin,
    "sleep": lambda ms: time.sleep_ms(int(ms)),
    "raise": lambda: 1 // 0,
    "reset": machine.reset,
    "attempt": attempt,
    "echo": lambda *words: " ".join(words),
    "end": sys.exit,
}


def obey(line):
    words = line.decode().split(" ")
    try:
        answer = VERBS[words[0]](*words[1:])
    except Exception as e:
        answer = type(e).__name__
    say("{} {}".format(words[0], answer))


def loop():
    line = b""
    while True:
        while incoming.poll(0):
            byte = sys.stdin.buffer.read(1)
            if byte == b"\n":
                obey(line)
                line = b""
            else:
                line += byte
        send()
        if dog:
            dog.feed()
        incoming.poll(20 if pending else 500)


gc.collect()
say("boot {} {} {}".format(machine.reset_cause(), machine.unique_id().hex(), scratch()))
try:
    loop()
except KeyboardInterrupt:
    say("interrupted")
    send()
    time.sleep_ms(10)
except MemoryError:
    say("MemoryError")
    send()
    time.sleep_ms(10)
