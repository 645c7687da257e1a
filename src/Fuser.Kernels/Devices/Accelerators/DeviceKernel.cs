using System.Runtime.InteropServices;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>An elementwise kernel of a device.</summary>
internal sealed unsafe class DeviceKernel(Accelerator accelerator, ElementCode code, DeviceProgram program, TimeSpan compileTime) : ElementwiseKernel(code.Ir, compileTime)
{
    public ElementCode Code { get; } = code;

    public DeviceProgram Program { get; } = program;

    public override string Listing => Code.Text;

    public override long CodeBytes => Program.Bytes;

    public override void Retire() => Program.Retire();

    /// <summary>Runs over host memory: copies everything there and the results back. The way of tests and of the exactness probe; plans have their own.</summary>
    public override void Run(void** arguments, nint count)
    {
        if (count == 0)
        {
            return;
        }

        var session = accelerator.Open();
        var heap = new DeviceHeap(accelerator.Name, session);
        using var queue = session.CreateQueue();
        var buffers = new DeviceBuffer?[Ir.Arguments.Length];
        var fault = Code.Parameters.HasFault ? new DeviceFault(heap, queue) : null;
        var loaded = Program.Acquire(session);
        try
        {
            for (var i = 0; i < buffers.Length; i++)
            {
                if (KernelParameters.IsBuffer(Ir.Arguments[i]))
                {
                    buffers[i] = heap.Allocate(BytesOf(Ir.Arguments[i], count));
                    if (Ir.Arguments[i].Kind == ArgumentKind.Input)
                    {
                        queue.Write(buffers[i]!.Handle, (byte*)arguments[i], buffers[i]!.Bytes);
                    }
                }
            }

            var values = Values(arguments, count, buffers, fault);
            queue.Launch(loaded, Code, values, (count + Code.Width - 1) / Code.Width);
            fault?.Check();
            for (var i = 0; i < buffers.Length; i++)
            {
                if (Ir.Arguments[i].Kind == ArgumentKind.Output)
                {
                    queue.Read(buffers[i]!.Handle, (byte*)arguments[i], buffers[i]!.Bytes);
                }
            }

            queue.Finish();
        }
        finally
        {
            Program.Release();
            fault?.Dispose();
            Array.ForEach(buffers, buffer => buffer?.Release());
        }
    }

    private static long BytesOf(KernelArgument argument, nint count) =>
        (argument.Access == InnerAccess.Uniform ? 1 : (long)count) * Tensors.DTypeExtensions.ItemSize(argument.DType);

    private ulong[] Values(void** arguments, nint count, DeviceBuffer?[] buffers, DeviceFault? fault)
    {
        var values = new ulong[Code.Parameters.All.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var parameter = Code.Parameters.All[i];
            values[i] = parameter.Kind switch
            {
                ParameterKind.Buffer => (ulong)buffers[parameter.Argument]!.Handle,
                ParameterKind.Count => (ulong)count,
                ParameterKind.Offset when Ir.Arguments[parameter.Argument].Kind == ArgumentKind.Index => (ulong)((IndexRange*)arguments[parameter.Argument])->Start,
                ParameterKind.Stride when Ir.Arguments[parameter.Argument].Kind == ArgumentKind.Index => (ulong)((IndexRange*)arguments[parameter.Argument])->Step,
                ParameterKind.Stride => Ir.Arguments[parameter.Argument].Access == InnerAccess.Varying ? 1u : 0,
                ParameterKind.Number => *(ulong*)arguments[parameter.Argument],
                ParameterKind.Fault => (ulong)fault!.Handle,
                _ => 0,
            };
        }

        return values;
    }
}

/// <summary>The words that kernels set when an integer is divided by zero, or an index is none.</summary>
internal sealed unsafe class DeviceFault : IDisposable
{
    private const int Bytes = 2 * sizeof(int);

    /// <summary>What a lookup writes into the second word when the first is still 0.</summary>
    private const int IndexFirst = 2;

    private readonly DeviceQueue _queue;
    private readonly DeviceBuffer _buffer;
    private readonly int* _words = (int*)NativeMemory.AllocZeroed(Bytes); // may be read after this thread has left: not on the stack

    public DeviceFault(DeviceHeap heap, DeviceQueue queue)
    {
        _queue = queue;
        _buffer = heap.Allocate(Bytes);
        queue.Write(_buffer.Handle, (byte*)_words, Bytes);
    }

    public nint Handle => _buffer.Handle;

    /// <summary>Whether the first thing that went wrong was an index; known after <see cref="Check"/>.</summary>
    public bool IsIndex => _words[1] == IndexFirst;

    /// <summary>Waits for the kernels.</summary>
    /// <exception cref="DivideByZeroException">One of them divided an integer by zero, before any met a wrong index.</exception>
    public void Check()
    {
        _queue.Read(_buffer.Handle, (byte*)_words, Bytes);
        _queue.Finish();
        if (!IsIndex && _words[0] != 0)
        {
            throw new DivideByZeroException();
        }
    }

    public void Dispose()
    {
        _buffer.Release();
        NativeMemory.Free(_words);
    }
}
