using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>
/// Finds out whether a device computes the contract's bits: every primitive over all combinations of edge values, and the mathematical functions on them, compared with the
/// interpreter; then the same of rows. It sees contraction, flushed subnormals, approximate division, minima that lose the sign of zero, and group memory that is not what it says. The verdict is kept on
/// disk for the device, its driver's version and this build.
/// </summary>
internal static unsafe class ExactnessProbe
{
    private const string Exact = "exact";

    /// <summary>Changes with everything that verdicts depend on, what is probed and how kernels are printed, and with more: a number that somebody has to remember to change would be too old one day.</summary>
    private static string Build { get; } = typeof(ExactnessProbe).Module.ModuleVersionId.ToString();

    /// <summary>What the device gets wrong, with the operands; null when nothing.</summary>
    /// <exception cref="LaunchException">The device failed.</exception>
    public static string? Run(Accelerator accelerator, BinaryStore store)
    {
        string[] key = ["probe", Build, accelerator.TargetName, accelerator.Limits.Identity];
        if (store.Read(key) is { } known)
        {
            var verdict = Encoding.UTF8.GetString(known);
            return verdict == Exact ? null : verdict;
        }

        var difference = Probe(accelerator) ?? RowProbe.Run(accelerator);
        store.Write(Encoding.UTF8.GetBytes(difference ?? Exact), key);
        return difference;
    }

    private static string? Probe(Accelerator accelerator)
    {
        // Kernels with float64 are refused on a device without it.
        var probes = ProbeKernel.All().Where(probe => accelerator.Limits.HasDoubles || !probe.Ir.Nodes.Any(node => node.Type == IrType.Float64)).ToList();
        var kernels = new AcceleratorTarget(accelerator, LaunchForm.Plain with { IsWide = false }).CompileOnce(probes.Select(probe => probe.Ir));
        try
        {
            for (var i = 0; i < kernels.Length; i++)
            {
                accelerator.GotOn();
                if (Compare(probes[i].Probe, probes[i].Ir, kernels[i]) is { } difference)
                {
                    return difference;
                }
            }
        }
        finally
        {
            foreach (var kernel in kernels)
            {
                kernel.Retire();
            }
        }

        return null;
    }

    private static string? Compare(ProbeKernel probe, KernelIr ir, ElementwiseKernel kernel)
    {
        var count = ProbeValues.Count(probe.Type, probe.Operands);
        byte[][] inputs = [.. Enumerable.Range(0, probe.Operands).Select(operand => ProbeValues.Combined(probe.Type, probe.Operands, operand))];
        var wanted = Outputs(InterpreterTarget.Instance.Compile(ir), ir, inputs, count);
        var got = Outputs(kernel, ir, inputs, count);
        for (var output = 0; output < wanted.Length; output++)
        {
            var dtype = ir.Arguments[probe.Operands + output].DType;
            var size = dtype.ItemSize();
            for (var i = 0; i < count; i++)
            {
                var (left, right) = (Element(wanted[output], i, size), Element(got[output], i, size));
                if (left != right && !(IsNaN(dtype, left) && IsNaN(dtype, right)))
                {
                    var operands = string.Join(", ", inputs.Select(input => Text(probe.Type, Element(input, i, probe.Type.Size()))));
                    return $"{probe.Names[output]} of {probe.Type.Text()} ({operands}): got 0x{right.ToString($"x{size * 2}", CultureInfo.InvariantCulture)}, wanted 0x{left.ToString($"x{size * 2}", CultureInfo.InvariantCulture)}";
                }
            }
        }

        return null;
    }

    private static byte[][] Outputs(ElementwiseKernel kernel, KernelIr ir, byte[][] inputs, int count)
    {
        byte[][] memory = [.. inputs, .. ir.Arguments.Skip(inputs.Length).Select(argument => new byte[count * argument.DType.ItemSize()])];
        var handles = Array.ConvertAll(memory, bytes => GCHandle.Alloc(bytes, GCHandleType.Pinned));
        try
        {
            var pointers = stackalloc void*[memory.Length];
            for (var i = 0; i < memory.Length; i++)
            {
                pointers[i] = (void*)handles[i].AddrOfPinnedObject();
            }

            kernel.Run(pointers, count);
        }
        finally
        {
            Array.ForEach(handles, handle => handle.Free());
        }

        return memory[inputs.Length..];
    }

    private static ulong Element(byte[] bytes, int index, int size)
    {
        Span<byte> wide = stackalloc byte[sizeof(ulong)];
        wide.Clear();
        bytes.AsSpan(index * size, size).CopyTo(wide);
        return BitConverter.ToUInt64(wide);
    }

    private static bool IsNaN(DType dtype, ulong bits) => dtype switch
    {
        DType.Float32 => float.IsNaN(BitConverter.UInt32BitsToSingle((uint)bits)),
        DType.Float64 => double.IsNaN(BitConverter.UInt64BitsToDouble(bits)),
        _ => false,
    };

    private static string Text(IrType type, ulong bits) => type switch
    {
        IrType.Float32 => BitConverter.UInt32BitsToSingle((uint)bits).ToString("R", CultureInfo.InvariantCulture),
        IrType.Float64 => BitConverter.UInt64BitsToDouble(bits).ToString("R", CultureInfo.InvariantCulture),
        IrType.Int32 => ((int)bits).ToString(CultureInfo.InvariantCulture),
        _ => ((long)bits).ToString(CultureInfo.InvariantCulture),
    };
}
