using System.Runtime.InteropServices;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Devices.Accelerators.Routines;
using Fuser.Kernels.Devices.Routines;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Devices.Accelerators;

/// <summary>Runs a routine on the host and on a device, over memory that a test lays out as it likes, and compares all of it.</summary>
internal static unsafe class RoutineAgreement
{
    /// <param name="memory">One array of bytes per buffer. What the routine leaves alone has to be left alone.</param>
    /// <returns>The form the device took.</returns>
    public static string ShouldAgree(Accelerator device, RoutineStep step, byte[][] memory, RoutineDevice? traits = null, string what = "")
    {
        var kernel = RoutineKernel.Of(step, traits ?? device.RoutineDevice);
        var (expected, got) = (Copy(memory), Copy(memory));
        RunOnHost(step, expected);
        Run(device, kernel, got);
        for (var buffer = 0; buffer < memory.Length; buffer++)
        {
            var at = Difference(step, buffer, expected[buffer], got[buffer]);
            (at < 0).ShouldBeTrue($"{what}: {kernel.Form} of {string.Join(", ", step.Inputs.Select(operand => $"{operand.DType} {operand.Layout}"))} to {string.Join(", ", step.Outputs.Select(operand => operand.Layout))}: buffer {buffer} differs from byte {at} on");
        }

        return kernel.Form;
    }

    private static void Run(Accelerator device, RoutineKernel kernel, byte[][] memory)
    {
        var session = device.Open();
        var heap = new DeviceHeap(device.Name, session);
        using var queue = session.CreateQueue();
        var buffers = Array.ConvertAll(memory, bytes => heap.Allocate(bytes.Length));
        var scratch = heap.Allocate(kernel.ScratchWords * sizeof(long));
        using (var fault = new DeviceFault(heap, queue))
        {
            for (var i = 0; i < memory.Length; i++)
            {
                fixed (byte* source = memory[i])
                {
                    queue.Write(buffers[i].Handle, source, memory[i].Length);
                    queue.Finish();
                }
            }

            foreach (var pass in kernel.Passes.Where(pass => pass.Items > 0))
            {
                var program = DeviceProgram.Compile(device, device.Print(pass.Kernel));
                ulong[] values = [.. pass.Kernel.Parameters.All.Select(parameter => (ulong)(parameter.Kind switch
                {
                    ParameterKind.Buffer => buffers[kernel.Operands[parameter.Argument].Buffer].Handle,
                    ParameterKind.Offset => kernel.Operands[parameter.Argument].Layout.Offset,
                    ParameterKind.Setting => kernel.Settings[parameter.Axis],
                    ParameterKind.Scratch => scratch.Handle,
                    _ => fault.Handle,
                }))];
                queue.Launch(program.Acquire(session), program.Code, values, pass.Items);
                queue.Finish();
                program.Release();
                program.Retire();
            }

            fault.Check();
            fault.IsIndex.ShouldBeFalse();
        }

        for (var i = 0; i < memory.Length; i++)
        {
            fixed (byte* destination = memory[i])
            {
                queue.Read(buffers[i].Handle, destination, memory[i].Length);
                queue.Finish();
            }
        }

        scratch.Release();
        Array.ForEach(buffers, buffer => buffer.Release());
        heap.Bytes.ShouldBe(0);
    }

    private static void RunOnHost(RoutineStep step, byte[][] memory)
    {
        var handles = Array.ConvertAll(memory, bytes => GCHandle.Alloc(bytes, GCHandleType.Pinned));
        var pointers = stackalloc byte*[memory.Length];
        for (var i = 0; i < memory.Length; i++)
        {
            pointers[i] = (byte*)handles[i].AddrOfPinnedObject();
        }

        RoutineLaunch.Of(step).Run(pointers, threads: 1);
        Array.ForEach(handles, handle => handle.Free());
    }

    /// <summary>The first byte that differs, where a NaN is any NaN.</summary>
    private static int Difference(RoutineStep step, int buffer, byte[] expected, byte[] got)
    {
        var dtype = step.Inputs.Concat(step.Outputs).First(operand => operand.Buffer == buffer).DType;
        for (var i = 0; i < expected.Length; i++)
        {
            if (expected[i] != got[i] && !IsNaN(dtype, expected, i) && !IsNaN(dtype, got, i))
            {
                return i;
            }

            if (IsNaN(dtype, expected, i) != IsNaN(dtype, got, i))
            {
                return i;
            }
        }

        return -1;
    }

    private static bool IsNaN(DType dtype, byte[] bytes, int at) => dtype switch
    {
        DType.Float32 => at / 4 * 4 + 4 <= bytes.Length && float.IsNaN(BitConverter.ToSingle(bytes, at / 4 * 4)),
        DType.Float64 => at / 8 * 8 + 8 <= bytes.Length && double.IsNaN(BitConverter.ToDouble(bytes, at / 8 * 8)),
        _ => false,
    };

    private static byte[][] Copy(byte[][] memory) => Array.ConvertAll(memory, bytes => (byte[])bytes.Clone());
}
