using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Fuser.CudaTesting;

/// <summary>
/// Runs a PTX program, group by group, as the manual says each instruction works: shifts that clamp, conversions that saturate, NaN that becomes 0 or MIN
/// by type. A thread runs until it ends or comes to a barrier, at which the group's others have to arrive. Memory is checked: an access outside of what its space has, or that is not
/// aligned to its size, is an error as it is on a device.
/// </summary>
internal sealed unsafe class PtxThread
{
    /// <summary>What memory holds before anybody writes to it.</summary>
    private const byte Garbage = 0xa5;

    /// <summary>The most that a program asks for.</summary>
    private const int MemoryAlignment = 16;

    private readonly PtxProgram _program;
    private readonly Func<ulong, int, bool> _isAllocated;
    private readonly Dictionary<string, nint> _tables;
    private readonly Dictionary<string, int> _offsets = [];
    private readonly int _sharedBytes;
    private readonly int _localBytes;
    private ulong[] _registers = [];
    private ulong[] _parameters = [];
    private byte* _shared;
    private byte* _local;
    private uint _group;
    private uint _groups;
    private uint _groupSize;
    private uint _thread;

    /// <param name="isAllocated">Whether so many bytes at an address are memory of the device.</param>
    /// <param name="tables">Where the program's tables are.</param>
    public PtxThread(PtxProgram program, Func<ulong, int, bool> isAllocated, Dictionary<string, nint> tables)
    {
        _program = program;
        _isAllocated = isAllocated;
        _tables = tables;
        foreach (var (name, (space, bytes)) in program.Memory)
        {
            ref var taken = ref space == "shared" ? ref _sharedBytes : ref _localBytes;
            _offsets.Add(name, taken);
            taken += (bytes + MemoryAlignment - 1) / MemoryAlignment * MemoryAlignment;
        }
    }

    /// <exception cref="IllegalAddressException">Memory was touched that is not the device's.</exception>
    public void Run(ulong[] parameters, uint groups, uint groupSize)
    {
        (_parameters, _groups, _groupSize) = (parameters, groups, groupSize);
        var threads = new (ulong[] Registers, int At)[groupSize];
        for (var i = 0; i < groupSize; i++)
        {
            threads[i].Registers = new ulong[_program.Registers];
        }

        var memory = (byte*)NativeMemory.AlignedAlloc((nuint)(_sharedBytes + (_localBytes * (int)groupSize) + MemoryAlignment), MemoryAlignment);
        try
        {
            _shared = memory;
            for (_group = 0; _group < groups; _group++)
            {
                NativeMemory.Fill(memory, (nuint)(_sharedBytes + (_localBytes * (int)groupSize)), Garbage);
                RunGroup(threads);
            }
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    private void RunGroup((ulong[] Registers, int At)[] threads)
    {
        for (var i = 0; i < threads.Length; i++)
        {
            threads[i].At = 0;
        }

        for (var waiting = threads.Length; waiting > 0;)
        {
            waiting = 0;
            for (_thread = 0; _thread < threads.Length; _thread++)
            {
                _local = _shared + _sharedBytes + (_localBytes * (int)_thread);
                _registers = threads[_thread].Registers;
                threads[_thread].At = RunOne(threads[_thread].At);
                waiting += threads[_thread].At >= 0 ? 1 : 0;
            }

            if (waiting > 0 && waiting < threads.Length)
            {
                throw new FormatException($"{waiting} threads of a group of {threads.Length} wait at a barrier that the others never come to");
            }
        }
    }

    /// <returns>Where it goes on after a barrier; below 0 when it has ended.</returns>
    private int RunOne(int at)
    {
        for (var instructions = _program.Instructions; ;)
        {
            var instruction = instructions[at++];
            if (instruction.Guard >= 0 && (_registers[instruction.Guard] != 0) == instruction.IsNegated)
            {
                continue;
            }

            switch (instruction.Opcode)
            {
                case "ret": return -1;
                case "bar.sync": return at;
                case "bra": at = instruction.Target; break;
                default: (instruction.Action ??= Compile(instruction))(this); break;
            }
        }
    }

    private ulong Get(in PtxOperand operand) => operand.Register >= 0 ? _registers[operand.Register] : operand.Symbol is null ? operand.Value : operand.Symbol switch
    {
        "%ctaid.x" => _group,
        "%nctaid.x" => _groups,
        "%ntid.x" => _groupSize,
        "%tid.x" => _thread,
        var name when _tables.TryGetValue(name, out var table) => (ulong)table,
        var name => (ulong)((_program.Memory[name].Space == "shared" ? _shared : _local) + _offsets[name]),
    };

    private static Action<PtxThread> Compile(PtxInstruction instruction)
    {
        var (o, p) = (instruction.Operands, instruction.Opcode.Split('.'));
        var d = o.Length > 0 ? o[0].Register : -1;
        var last = p[^1];
        switch (p[0])
        {
            case "mov": return t => t._registers[d] = Narrow(t.Get(o[1]), last);
            case "ld" when p[1] == "param": return t => t._registers[d] = Extend(t.Parameter(o[1].Symbol!), last);
            case "ld": return t => t.Load(o, p[1], last);
            case "st": return t => t.Store(o, p[1], last);
            case "cvta": return t => t._registers[d] = t.Get(o[1]);
            case "setp": return t => t._registers[d] = Holds(p[1], last, t.Get(o[1]), t.Get(o[2])) ? 1u : 0;
            case "selp": return t => t._registers[d] = Narrow(t._registers[o[3].Register] != 0 ? t.Get(o[1]) : t.Get(o[2]), last);
            case "cvt" when p.Length == 3: return t => t._registers[d] = Convert("", p[1], p[2], t.Get(o[1]));
            case "cvt": return t => t._registers[d] = Convert(p[1], p[2], p[3], t.Get(o[1]));
            case "fma" when p[1] == "rn": return t => t._registers[d] = last == "f32" ? Bits(MathF.FusedMultiplyAdd(F(t.Get(o[1])), F(t.Get(o[2])), F(t.Get(o[3])))) : Bits(Math.FusedMultiplyAdd(D(t.Get(o[1])), D(t.Get(o[2])), D(t.Get(o[3]))));
            case "sqrt" when p[1] == "rn": return t => t._registers[d] = last == "f32" ? Bits(MathF.Sqrt(F(t.Get(o[1])))) : Bits(Math.Sqrt(D(t.Get(o[1]))));
            case "add" or "sub" or "mul" or "div" or "rem" or "min" or "max" or "and" or "or" or "xor" or "shl" or "shr":
                if (last[0] == 'f' && p[1] != "rn")
                {
                    throw new FormatException($"{instruction.Opcode} leaves the rounding to the assembler, which may fuse it");
                }

                return t => t._registers[d] = Binary(p[0], last, t.Get(o[1]), t.Get(o[2]));
            case "mad" when p[1] == "wide": return t => t._registers[d] = (ulong)(((long)(int)t.Get(o[1]) * (int)t.Get(o[2])) + (long)t.Get(o[3]));
            case "mad" when p[1] == "lo": return t => t._registers[d] = Narrow((t.Get(o[1]) * t.Get(o[2])) + t.Get(o[3]), last);
            case "bfe": return t => t._registers[d] = Field(last, t.Get(o[1]), (int)t.Get(o[2]), (int)t.Get(o[3]));
            case "bfi": return t => t._registers[d] = Insert(t.Get(o[1]), t.Get(o[2]), (int)t.Get(o[3]), (int)t.Get(o[4]));
            case "clz": return t => t._registers[d] = (ulong)BitOperations.LeadingZeroCount(t.Get(o[1]));
            case "not" when last == "pred": return t => t._registers[d] = t.Get(o[1]) ^ 1;
            default: throw new FormatException($"{instruction.Opcode} is not known here");
        }
    }

    private ulong Parameter(string name) => _parameters[_program.Parameters[name].Index];

    private void Load(PtxOperand[] operands, string space, string type)
    {
        var address = Address(operands[^1], space, Bytes(type) * (operands.Length - 1));
        for (var i = 0; i < operands.Length - 1; i++)
        {
            ulong value = 0;
            Buffer.MemoryCopy((void*)(address + (ulong)(i * Bytes(type))), &value, sizeof(ulong), Bytes(type));
            _registers[operands[i].Register] = Extend(value, type);
        }
    }

    private void Store(PtxOperand[] operands, string space, string type)
    {
        var address = Address(operands[0], space, Bytes(type) * (operands.Length - 1));
        for (var i = 1; i < operands.Length; i++)
        {
            var value = Get(operands[i]);
            Buffer.MemoryCopy(&value, (void*)(address + (ulong)((i - 1) * Bytes(type))), Bytes(type), Bytes(type));
        }
    }

    private ulong Address(in PtxOperand operand, string space, int bytes)
    {
        var address = Get(operand) + (ulong)operand.Offset;
        var isThere = space switch
        {
            "shared" => address >= (ulong)_shared && address + (ulong)bytes <= (ulong)(_shared + _sharedBytes),
            "local" => address >= (ulong)_local && address + (ulong)bytes <= (ulong)(_local + _localBytes),
            _ => _isAllocated(address, bytes),
        };
        return isThere && address % (ulong)bytes == 0
            ? address
            : throw new IllegalAddressException($"{bytes} bytes at 0x{address:x} are not there, or not aligned");
    }

    private static ulong Binary(string op, string type, ulong a, ulong b) => (op, type) switch
    {
        ("add", "f32") => Bits(F(a) + F(b)),
        ("sub", "f32") => Bits(F(a) - F(b)),
        ("mul", "f32") => Bits(F(a) * F(b)),
        ("div", "f32") => Bits(F(a) / F(b)),
        ("add", "f64") => Bits(D(a) + D(b)),
        ("sub", "f64") => Bits(D(a) - D(b)),
        ("mul", "f64") => Bits(D(a) * D(b)),
        ("div", "f64") => Bits(D(a) / D(b)),
        ("add", _) => Narrow(a + b, type),
        ("sub", _) => Narrow(a - b, type),
        ("mul", _) => Narrow(a * b, type),
        ("div", "s32") => (uint)((int)a / (int)b),
        ("div", "s64") => (ulong)((long)a / (long)b),
        ("div", "u32") => (uint)a / (uint)b,
        ("div", "u64") => a / b,
        ("rem", "s32") => (uint)((int)a % (int)b),
        ("rem", "s64") => (ulong)((long)a % (long)b),
        ("rem", "u32") => (uint)a % (uint)b,
        ("rem", "u64") => a % b,
        ("min", "s32") => (uint)Math.Min((int)a, (int)b),
        ("min", "s64") => (ulong)Math.Min((long)a, (long)b),
        ("max", "s32") => (uint)Math.Max((int)a, (int)b),
        ("and", _) => Narrow(a & b, type),
        ("or", _) => Narrow(a | b, type),
        ("xor", _) => Narrow(a ^ b, type),
        ("shl", "b32") => (uint)b > 31 ? 0 : (uint)a << (int)b,
        ("shl", "b64") => (uint)b > 63 ? 0 : a << (int)(uint)b,
        ("shr", "s32") => (uint)((int)a >> (int)Math.Min((uint)b, 31)),
        ("shr", "s64") => (ulong)((long)a >> (int)Math.Min((uint)b, 63)),
        ("shr", "u32") => (uint)b > 31 ? 0 : (uint)a >> (int)b,
        ("shr", "u64") => (uint)b > 63 ? 0 : a >> (int)(uint)b,
        _ => throw new FormatException($"{op}.{type} is not known here"),
    };

    private static bool Holds(string comparison, string type, ulong a, ulong b) => type switch
    {
        "f32" => Holds(comparison, (double)F(a), F(b)),
        "f64" => Holds(comparison, D(a), D(b)),
        "s32" => Holds(comparison, ((int)a).CompareTo((int)b)),
        "s64" => Holds(comparison, ((long)a).CompareTo((long)b)),
        "u32" => Holds(comparison, ((uint)a).CompareTo((uint)b)),
        "u64" => Holds(comparison, a.CompareTo(b)),
        _ => throw new FormatException($"setp.{comparison}.{type} is not known here"),
    };

    private static bool Holds(string comparison, double a, double b) => comparison switch
    {
        "eq" => a == b,
        "neu" => a != b,
        "lt" => a < b,
        "le" => a <= b,
        "nan" => double.IsNaN(a) || double.IsNaN(b),
        _ => throw new FormatException($"setp.{comparison} of floats is not known here"),
    };

    private static bool Holds(string comparison, int order) => comparison switch
    {
        "eq" => order == 0,
        "ne" => order != 0,
        "lt" => order < 0,
        "le" => order <= 0,
        "gt" => order > 0,
        "ge" => order >= 0,
        _ => throw new FormatException($"setp.{comparison} of integers is not known here"),
    };

    private static ulong Convert(string rounding, string to, string from, ulong value) => (rounding, to, from) switch
    {
        ("rmi", "f32", "f32") => Bits(MathF.Floor(F(value))),
        ("rni", "f32", "f32") => Bits(MathF.Round(F(value), MidpointRounding.ToEven)),
        ("rzi", "f32", "f32") => Bits(MathF.Truncate(F(value))),
        ("rmi", "f64", "f64") => Bits(Math.Floor(D(value))),
        ("rni", "f64", "f64") => Bits(Math.Round(D(value), MidpointRounding.ToEven)),
        ("rzi", "f64", "f64") => Bits(Math.Truncate(D(value))),

        // Saturating; NaN is 0 between 32-bit types and MIN otherwise, says the manual.
        ("rzi", "s32", "f32") => (uint)int.CreateSaturating(F(value)),
        ("rzi", "s32", "f64") => double.IsNaN(D(value)) ? 0x80000000 : (uint)int.CreateSaturating(D(value)),
        ("rzi", "s64", "f32") => float.IsNaN(F(value)) ? 0x8000000000000000 : (ulong)long.CreateSaturating(F(value)),
        ("rzi", "s64", "f64") => double.IsNaN(D(value)) ? 0x8000000000000000 : (ulong)long.CreateSaturating(D(value)),
        ("rn", "f32", "s32") => Bits((float)(int)value),
        ("rn", "f32", "s64") => Bits((float)(long)value),
        ("rn", "f64", "s32") => Bits((double)(int)value),
        ("rn", "f64", "s64") => Bits((double)(long)value),
        ("rn", "f32", "f64") => Bits((float)D(value)),
        ("", "f64", "f32") => Bits((double)F(value)),
        ("", "u32", "u64") => (uint)value,
        ("", "u64", "u32") => (uint)value,
        ("", "s64", "s32") => (ulong)(int)value,
        _ => throw new FormatException($"cvt.{rounding}.{to}.{from} is not known here"),
    };

    private static ulong Field(string type, ulong value, int position, int length)
    {
        var field = ((uint)value >> position) & ((1u << length) - 1);
        return type == "s32" ? (uint)((int)(field << (32 - length)) >> (32 - length)) : field;
    }

    private static ulong Insert(ulong value, ulong into, int position, int length)
    {
        var mask = ((1u << length) - 1) << position;
        return ((uint)into & ~mask) | (((uint)value << position) & mask);
    }

    private static int Bytes(string type) => int.Parse(type.AsSpan(1), CultureInfo.InvariantCulture) / 8;

    private static ulong Narrow(ulong value, string type) => type is "pred" || Bytes(type) == 8 ? value : Bytes(type) == 4 ? (uint)value : throw new FormatException($"no arithmetic in {type}");

    /// <summary>A load of fewer bits than the register has fills it: with the sign for signed types.</summary>
    private static ulong Extend(ulong value, string type) => type switch
    {
        "s8" => (uint)(sbyte)value,
        "u8" => (byte)value,
        "s16" => (uint)(short)value,
        "u16" => (ushort)value,
        _ when Bytes(type) == 4 => (uint)value,
        _ => value,
    };

    private static float F(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);

    private static double D(ulong bits) => BitConverter.UInt64BitsToDouble(bits);

    private static ulong Bits(float value) => BitConverter.SingleToUInt32Bits(value);

    private static ulong Bits(double value) => BitConverter.DoubleToUInt64Bits(value);
}

/// <summary>What a device stops with.</summary>
internal sealed class IllegalAddressException(string message) : Exception(message);
