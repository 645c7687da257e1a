using System.Collections.Immutable;
using Fuser.Kernels.Ir;

namespace Fuser.Kernels.Targets.Forms;

/// <summary>What a parameter of a device's kernel is.</summary>
internal enum ParameterKind
{
    /// <summary>A buffer, by argument.</summary>
    Buffer,

    /// <summary>How many elements there are; in a kernel with reductions, how many a row has.</summary>
    Count,

    /// <summary>How many rows there are.</summary>
    Rows,

    /// <summary>Elements of a chunk, of which a row has several: a power of two.</summary>
    ChunkLength,

    /// <summary>Chunks of a row.</summary>
    Chunks,

    /// <summary>The size of an axis; the outermost has none, because nothing divides by it.</summary>
    Size,

    /// <summary>Where an argument starts: elements into its buffer, or its first index. Always 64 bits.</summary>
    Offset,

    /// <summary>How far an argument moves along an axis: elements, or indices. Those of indices always have 64 bits.</summary>
    Stride,

    /// <summary>The 8 bytes of a number.</summary>
    Number,

    /// <summary>A number that a routine is set to for the shapes it runs over, by its place among them.</summary>
    Setting,

    /// <summary>Memory between the passes of a kernel, in words of 8 bytes.</summary>
    Scratch,

    /// <summary>Two 32-bit words, the first set when an integer is divided by zero, the second when an index is none; only in kernels where that can be.</summary>
    Fault,
}

/// <summary>One parameter.</summary>
/// <param name="Argument">Of the kernel's IR; -1 where it belongs to none.</param>
/// <param name="Axis">-1 where it belongs to none.</param>
/// <param name="Bytes">4 or 8.</param>
internal readonly record struct KernelParameter(ParameterKind Kind, int Argument, int Axis, int Bytes)
{
    /// <summary>Its name in generated text.</summary>
    public string Name => Kind switch
    {
        ParameterKind.Buffer => $"a{Argument}",
        ParameterKind.Count => "n",
        ParameterKind.Rows => "rows",
        ParameterKind.ChunkLength => "chunk",
        ParameterKind.Chunks => "chunks",
        ParameterKind.Scratch => "scratch",
        ParameterKind.Size => $"size{Axis}",
        ParameterKind.Offset => $"o{Argument}",
        ParameterKind.Stride => $"s{Argument}_{Axis}",
        ParameterKind.Number => $"c{Argument}",
        ParameterKind.Setting => $"k{Axis}",
        _ => "fault",
    };
}

/// <summary>The parameters of a device's kernel, in order: the same list for whoever prints the kernel and whoever launches it.</summary>
internal sealed class KernelParameters
{
    private KernelParameters(ImmutableArray<KernelParameter> all) => All = all;

    public ImmutableArray<KernelParameter> All { get; }

    /// <summary>Room they take.</summary>
    public int Bytes => All.Sum(parameter => parameter.Bytes);

    public bool HasFault => All[^1].Kind == ParameterKind.Fault;

    public static KernelParameters Of(KernelIr ir, LaunchForm form)
    {
        var all = ImmutableArray.CreateBuilder<KernelParameter>();
        var arguments = ir.Arguments;
        var index = form.IsWide ? 8 : 4;
        for (var i = 0; i < arguments.Length; i++)
        {
            if (IsBuffer(arguments[i]))
            {
                all.Add(new KernelParameter(ParameterKind.Buffer, i, -1, 8));
            }
        }

        all.Add(new KernelParameter(ParameterKind.Count, -1, -1, index));
        for (var axis = 1; axis < form.Axes; axis++)
        {
            all.Add(new KernelParameter(ParameterKind.Size, -1, axis, index));
        }

        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i].Kind == ArgumentKind.Scalar)
            {
                all.Add(new KernelParameter(ParameterKind.Number, i, -1, 8));
                continue;
            }

            all.Add(new KernelParameter(ParameterKind.Offset, i, -1, 8));
            var walked = IsBuffer(arguments[i]) && form.IsUnit ? form.Axes - 1 : form.Axes;
            for (var axis = 0; axis < walked; axis++)
            {
                all.Add(new KernelParameter(ParameterKind.Stride, i, axis, IsBuffer(arguments[i]) ? index : 8));
            }
        }

        if (DividesIntegers(ir))
        {
            all.Add(new KernelParameter(ParameterKind.Fault, -1, -1, 8));
        }

        return new KernelParameters(all.ToImmutable());
    }

    /// <summary>Of a kernel with reductions: axes that number the rows come first, then those within a row. All passes of a kernel have the same.</summary>
    public static KernelParameters Of(RowProgram program)
    {
        var (form, arguments) = (program.Form, program.Arguments);
        var all = ImmutableArray.CreateBuilder<KernelParameter>();
        var index = form.IsWide ? 8 : 4;
        all.AddRange(Enumerable.Range(0, arguments.Length).Where(i => IsBuffer(arguments[i])).Select(i => new KernelParameter(ParameterKind.Buffer, i, -1, 8)));
        all.Add(new KernelParameter(ParameterKind.Count, -1, -1, index));
        all.Add(new KernelParameter(ParameterKind.Rows, -1, -1, index));
        if (form.IsSplit)
        {
            all.Add(new KernelParameter(ParameterKind.ChunkLength, -1, -1, index));
            all.Add(new KernelParameter(ParameterKind.Chunks, -1, -1, index));
        }

        for (var axis = 0; axis < form.Axes; axis++)
        {
            if (axis != 0 && axis != form.RowAxes)
            {
                all.Add(new KernelParameter(ParameterKind.Size, -1, axis, index));
            }
        }

        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i].Kind == ArgumentKind.Scalar)
            {
                all.Add(new KernelParameter(ParameterKind.Number, i, -1, 8));
                continue;
            }

            all.Add(new KernelParameter(ParameterKind.Offset, i, -1, 8));
            var walked = arguments[i].Kind == ArgumentKind.Index ? form.Axes : program.IsPerRow(i) ? form.RowAxes : form.IsUnit ? form.Axes - 1 : form.Axes;
            for (var axis = 0; axis < walked; axis++)
            {
                all.Add(new KernelParameter(ParameterKind.Stride, i, axis, IsBuffer(arguments[i]) ? index : 8));
            }
        }

        if (form.IsSplit)
        {
            all.Add(new KernelParameter(ParameterKind.Scratch, -1, -1, 8));
        }

        if (program.Stages.Any(stage => stage.Ir is not null && DividesIntegers(stage.Ir)))
        {
            all.Add(new KernelParameter(ParameterKind.Fault, -1, -1, 8));
        }

        return new KernelParameters(all.ToImmutable());
    }

    /// <summary>Of a kernel that is written statement by statement.</summary>
    /// <param name="operands">How many buffers it has.</param>
    /// <param name="settings">How many numbers it is set to.</param>
    public static KernelParameters Of(int operands, int settings, bool isWide, bool hasScratch, bool hasFault)
    {
        var all = ImmutableArray.CreateBuilder<KernelParameter>();
        all.AddRange(Enumerable.Range(0, operands).Select(i => new KernelParameter(ParameterKind.Buffer, i, -1, 8)));
        all.AddRange(Enumerable.Range(0, operands).Select(i => new KernelParameter(ParameterKind.Offset, i, -1, 8)));
        all.AddRange(Enumerable.Range(0, settings).Select(i => new KernelParameter(ParameterKind.Setting, -1, i, isWide ? 8 : 4)));
        if (hasScratch)
        {
            all.Add(new KernelParameter(ParameterKind.Scratch, -1, -1, 8));
        }

        if (hasFault)
        {
            all.Add(new KernelParameter(ParameterKind.Fault, -1, -1, 8));
        }

        return new KernelParameters(all.ToImmutable());
    }

    public static bool IsBuffer(KernelArgument argument) => argument.Kind is ArgumentKind.Input or ArgumentKind.Output;

    private static bool DividesIntegers(KernelIr ir) => ir.Nodes.Any(node => node.Op is IrOp.Divide or IrOp.Remainder && node.Type.IsInteger());
}
