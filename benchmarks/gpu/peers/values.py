"""The inputs of workloads, made where they are used: low + width * u, u from a hash of the element's index, exact in float64 and rounded once."""
BLOCK = 1 << 24


def seed(number):
    """`number` is the position of the input among the inputs."""
    return (number + 1) * 0x9E3779B9 & 0xFFFFFFFF


def hashed(xp, index, number):
    """A 32-bit hash of indices in a type that wraps around: uint32 of NumPy, CuPy or JAX."""
    x = index + xp.uint32(seed(number))
    x = x ^ (x >> xp.uint32(16))
    x = x * xp.uint32(0x7FEB352D)
    x = x ^ (x >> xp.uint32(15))
    x = x * xp.uint32(0x846CA68B)
    return x ^ (x >> xp.uint32(16))


def scaled(xp, x, dtype, low, width):
    if dtype == "u8":
        return (x >> xp.uint32(24)).astype(xp.uint8)
    if dtype == "f16":
        return (low + width * (x >> xp.uint32(21)).astype(xp.float64) / 2048).astype(xp.float16)
    values = low + width * (x >> xp.uint32(8)).astype(xp.float64) / 16777216
    return values.astype(xp.float32) if dtype == "f32" else values
