"""Functions with control flow, as people write them for torch.jit.script; generate.py records what they give."""
import torch, math
from typing import List, Tuple, Optional
from torch import Tensor

def mandelbrot(cr: Tensor, ci: Tensor, n: int):
    zr = torch.zeros_like(cr)
    zi = torch.zeros_like(ci)
    count = torch.zeros_like(cr)
    for i in range(n):
        inside = zr * zr + zi * zi <= 4.0
        nr = zr * zr - zi * zi + cr
        ni = 2.0 * zr * zi + ci
        zr = torch.where(inside, nr, zr)
        zi = torch.where(inside, ni, zi)
        count = count + inside.to(count.dtype)
    return count

def newton_while(a: Tensor, tolerance: float):
    x = a * 0.5 + 0.5
    error = torch.abs(x[0] * x[0] - a[0])
    while bool(error > tolerance):
        x = 0.5 * (x + a / x)
        error = torch.abs(x[0] * x[0] - a[0])
    return x

def diagonal_rnn(x: Tensor, w: Tensor, u: Tensor, b: Tensor):
    h = torch.zeros_like(x[0])
    outputs: List[Tensor] = []
    for t in range(x.size(0)):
        h = torch.tanh(x[t] * w + h * u + b)
        outputs.append(h)
    return torch.stack(outputs), h

def gated_tuple(x: Tensor, gates: Tensor):
    state = (torch.zeros_like(x[0]), torch.zeros_like(x[0]))
    outputs: List[Tensor] = []
    for t in range(len(x)):
        h, c = state
        i, f, g, o = (gates[t] * (h.repeat_interleave(1) if False else torch.cat([h, h, h, h])) ).chunk(4)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g + x[t])
        h = torch.sigmoid(o) * torch.tanh(c)
        state = (h, c)
        outputs += [h]
    return torch.stack(outputs, 1), state

def branch_on_bool(x: Tensor, y: Tensor, train: bool, p: float):
    if train:
        z = x * p + y * (1.0 - p)
    else:
        z = x - y
    return torch.relu(z)

def early_return(x: Tensor, mode: int):
    if mode == 0:
        return x
    if mode < 0:
        return torch.neg(x)
    y = x * mode
    if mode > 5:
        return torch.exp(-y)
    return torch.sqrt(torch.abs(y))

def nested_three(x: Tensor, n: int):
    y = x
    for i in range(n):
        for j in range(i):
            k = 0
            while k < j:
                y = y + torch.sin(y) * (0.01 * float(i + j + k))
                k += 1
            if j % 2 == 1:
                y = y * 0.99
        y = y - 0.001 * float(i)
    return y

def break_continue(x: Tensor, limit: float):
    y = x
    steps = 0
    for i in range(100):
        if i % 3 == 0:
            continue
        y = y * 1.1
        steps += 1
        if float(y[0]) > limit:
            break
    return y, steps

def growing_cat(x: Tensor, n: int):
    y = x
    for i in range(n):
        y = torch.cat([y, y[-1:] * 0.5 + x[:1]])
    return y

def horner(x: Tensor, a: float, b: float, c: float, d: float):
    coefficients = [a, b, c, d]
    coefficients.append(0.5)
    y = torch.zeros_like(x)
    for k in coefficients:
        y = y * x + k
    return y

def collatz_scale(x: Tensor, n: int):
    steps = 0
    highest = n
    while n != 1:
        if n % 2 == 0:
            n = n // 2
        else:
            n = 3 * n + 1
        highest = max(highest, n)
        steps += 1
    return x * steps + float(highest) / 2.0, steps, highest

def adaptive_ode(y: Tensor, end: float):
    t = 0.0
    dt = 0.1
    taken = 0
    while t < end:
        step = min(dt, end - t)
        k1 = -y * y
        k2 = -(y + step * k1) * (y + step * k1)
        change = float(torch.abs(k1 - k2)[0]) * step
        if change > 0.05 and step > 0.01:
            dt = dt * 0.5
        else:
            y = y + step * 0.5 * (k1 + k2)
            t += step
            taken += 1
            if change < 0.005:
                dt = dt * 1.5
    return y

def optional_state(x: Tensor, n: int):
    h: Optional[Tensor] = None
    for i in range(n):
        if h is None:
            h = x * 0.5
        else:
            h = torch.tanh(h + x)
    if h is None:
        return x
    return h

def checked_add(x: Tensor, y: Tensor):
    if x.size(-1) != y.size(-1):
        raise ValueError("last sizes differ: {} and {}".format(x.size(-1), y.size(-1)))
    if x.dim() != 2:
        raise RuntimeError("wanted a matrix")
    rows, columns = x.size(0), x.size(1)
    return (x + y) * (1.0 / float(rows * columns))

def adam_loop(p: Tensor, g: Tensor, steps: int):
    m = torch.zeros_like(p)
    v = torch.zeros_like(p)
    b1, b2, lr = 0.9, 0.999, 0.01
    for t in range(1, steps + 1):
        m = b1 * m + (1.0 - b1) * g
        v = b2 * v + (1.0 - b2) * g * g
        mhat = m / (1.0 - math.pow(b1, t))
        vhat = v / (1.0 - math.pow(b2, t))
        p = p - lr * mhat / (torch.sqrt(vhat) + 1e-8)
    return p, m, v

def smooth_series(x: Tensor, alpha: float):
    outputs = [x[0]]
    for i in range(1, x.size(0)):
        outputs.append(outputs[-1] * (1.0 - alpha) + x[i] * alpha)
    return torch.stack(outputs)

def half_loop(x: Tensor, n: int):
    y = x
    for i in range(n):
        y = y * 0.9 + y * y * 0.05
        if i == 1:
            y = y + 0.125
    return y

def trip_from_tensor(x: Tensor, n: Tensor):
    y = x
    for i in range(int(n)):
        y = y + x * (1.0 / float(i + 1))
    return y * n.item()

def dtype_branch(x: Tensor, y: Tensor):
    if not x.is_floating_point():
        x = x.to(torch.float32)
    if x.dtype == y.dtype and x.numel() > 3:
        return x * y
    return x + y.to(x.dtype)

def list_algebra(x: Tensor, n: int):
    sizes = [1, 2]
    while len(sizes) < n:
        sizes.append(sizes[-1] + sizes[-2])
    both = sizes[1:] + [7] * 2
    total = 0
    for s in both:
        total += s
    if 7 in both:
        total += max(both[0], min(n, 3))
    sizes.reverse()
    last = sizes.pop()
    return x * total + float(last), len(both), total

def work_queue(x: Tensor, limit: float):
    queue = [x, x * 2.0]
    done: List[Tensor] = []
    while len(queue) > 0:
        item = queue.pop()
        if float(torch.abs(item)[0]) < limit and len(done) < 20:
            queue.append(item * 1.5)
        else:
            done.append(item)
    return torch.stack(done)

def sign_search(x: Tensor, low: float, high: float):
    lo, hi = low, high
    for _ in range(60):
        mid = 0.5 * (lo + hi)
        value = x[0] * mid * mid * mid - x[1] * mid - x[2]
        if bool(value > 0):
            hi = mid
        else:
            lo = mid
        if hi - lo < 1e-6:
            break
    return x * lo, lo

def rows_and_columns(x: Tensor):
    rows: List[Tensor] = []
    for i in range(x.size(0)):
        row = x[i]
        pieces: List[Tensor] = []
        for j in range(x.size(1)):
            if (i + j) % 2 == 0:
                pieces.append(row[j] * float(j))
            else:
                pieces.append(row[j] - float(i))
        rows.append(torch.stack(pieces))
    return torch.stack(rows)

def unrolled_logistic(x: Tensor):
    r = 3.7
    for i in range(12):
        x = r * x * (1.0 - x)
        if i % 4 == 3:
            x = torch.clamp(x, 0.1, 0.9)
    return x

def long_constant_loop(x: Tensor, y: Tensor):
    for i in range(1003):
        x = x * 0.999 + y * 0.001 * float(i % 2)
    return x

def reverse_scan(x: Tensor):
    n = x.size(1)
    total = torch.zeros_like(x[:, 0])
    outs: List[Tensor] = []
    for i in range(n - 1, -1, -1):
        total = total * 0.9 + x[:, i]
        outs.insert(0, total)
    return torch.stack(outs, 1)

def integer_steps(x: Tensor, n: int):
    for i in range(n):
        x = torch.bitwise_xor(x * 3, torch.bitwise_right_shift(x, 2)) + i
    return x


def power_iteration(a: Tensor, tolerance: float):
    v = torch.ones_like(a[0])
    value = 0.0
    change = 1.0
    trips = 0
    while change > tolerance and trips < 100:
        w = (a * v).sum(1)
        norm = torch.sqrt((w * w).sum())
        v = w / norm
        new_value = float(norm)
        change = abs(new_value - value)
        value = new_value
        trips += 1
    return v, trips


def descend_until(x: Tensor, target: Tensor, rate: float):
    losses: List[Tensor] = []
    for step in range(200):
        difference = x - target
        loss = (difference * difference).mean()
        losses.append(loss)
        if loss.item() < 1e-3:
            break
        if step > 0 and bool(losses[-1] > losses[-2]):
            rate = rate * 0.5
        x = x - rate * 2.0 * difference
    return x, torch.stack(losses)


def softmax_steps(x: Tensor, n: int):
    for i in range(n):
        x = torch.softmax(x * (1.0 + 0.5 * float(i)), dim=-1)
        if bool((x.amax(-1) > 0.9).all()):
            return x
    return torch.log(x)


def any_overflow(x: Tensor, scale: float):
    y = x * scale
    if bool(torch.isinf(y).any()):
        y = torch.clamp(y, -1e30, 1e30)
    mask = y > 0
    if bool(mask.any()):
        y = torch.where(mask, torch.sqrt(torch.abs(y)), y)
    return y
