using System.Collections.Immutable;
using Fuser.Actors;
using Fuser.Actors.Devices;
using Fuser.Compare.Workloads;
using Fuser.Kernels;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Tensors;

namespace Fuser.Gpu.Measuring;

/// <summary>
/// A workload whose inputs and outputs are on the device, with its kernels compiled. It is run without actors, so that nothing is timed but the device; what actors add is measured
/// by <see cref="CallCosts"/>.
/// </summary>
internal sealed class ResidentWorkload : IMeasured
{
    private readonly DevicePlan _plan;
    private readonly DeviceHeap _heap;
    private readonly DeviceQueue _queue;
    private readonly DeviceTimer _timer;
    private readonly List<DeviceBuffer> _buffers = [];
    private readonly FuserValue[] _inputs;
    private readonly CompiledKernel[] _kernels;
    private readonly int _threads;

    private ResidentWorkload(Graph graph, Device device, IReadOnlyList<ArraySpec> arrays, int threads)
    {
        var accelerator = device.Accelerator!;
        _threads = threads;
        _heap = new DeviceHeap(accelerator.Name, accelerator.Open());
        _queue = _heap.Session.CreateQueue();
        try
        {
            _timer = _queue.CreateTimer();
            _inputs = [.. arrays.Where(array => array.Kind != ArrayKind.Output).Select((array, number) => Upload(accelerator, array, number))];
            var prepared = new PreparedRun(device, Partitioner.Plan(Normaliser.Normalise(graph), _inputs, FusionMode.Fused));
            _plan = prepared.OnDevice!;
            _kernels = [.. prepared.Specialisations.Select((group, i) => KernelCompiler.CompileKernel(group.Spec, group.Arguments, prepared.Targets[i]))];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>How it runs, for the report.</summary>
    public string Note => $"{(_kernels.Length == 1 ? "1 kernel" : $"{_kernels.Length} kernels")}{(_plan.HostSteps.Count(step => step is not null) is var onHost and > 0 ? $", {onHost} of {_plan.Plan.Steps.Length} steps on the host" : "")}";

    /// <summary>Fills the inputs on the device and compiles.</summary>
    /// <exception cref="FuserException">The device has no such memory, or refuses a kernel.</exception>
    public static ResidentWorkload Create(FuserSystem fuser, string device, Workload workload, IReadOnlyList<ArraySpec> arrays) =>
        new(GraphText.Parse(Bundle.Text($"graphs/{workload.Id}.ir")), fuser.Devices.Find(device).Device, arrays, Environment.ProcessorCount);

    /// <summary>Runs once; every <paramref name="stride"/>-th element of each output, one output after the other.</summary>
    public byte[] Check(long stride)
    {
        var results = Run();
        using var picked = new MemoryStream();
        try
        {
            for (var i = 0; i < results.Length; i++)
            {
                Pick(results[i], _plan.Plan.Outputs[i].DType.ItemSize(), stride, picked);
            }
        }
        finally
        {
            Release(results);
        }

        return picked.ToArray();
    }

    /// <summary>Runs once, waits for the end, and forgets the results: a call as the actors make it, without them.</summary>
    public void RunOnce() => Release(Run());

    public TimeSpan Time(int runs)
    {
        using var run = NewRun();
        return run.Measure(_inputs, _kernels, runs, _timer);
    }

    public void Dispose()
    {
        _timer?.Dispose();
        _buffers.ForEach(buffer => buffer.Release());
        Array.ForEach(_kernels ?? [], kernel => kernel.Retire());
        _queue.Dispose();
        _heap.Session.Trim(); // the peers need the room
    }

    private ImmutableArray<DeviceBuffer> Run()
    {
        using var run = NewRun();
        return run.RunResident(_inputs, _kernels, seed: 0);
    }

    private static void Release(ImmutableArray<DeviceBuffer> results)
    {
        foreach (var result in results)
        {
            result.Release();
        }
    }

    private DeviceRun NewRun() => new(_plan, _heap, _queue, _threads, resident =>
    {
        _buffers[(int)resident.Id].TryHold(); // held here already, so it is there
        return _buffers[(int)resident.Id];
    });

    private unsafe FuserValue Upload(Accelerator accelerator, ArraySpec spec, int number)
    {
        var buffer = _heap.Allocate(spec.Bytes);
        _buffers.Add(buffer);
        using (var memory = new NativeBlock(spec.Bytes))
        {
            InputValues.Fill(spec, number, memory.Address);
            _queue.Write(buffer.Handle, memory.Address, spec.Bytes);
            _queue.Finish();
        }

        var array = NdArray.Over(new ResidentMemory(accelerator.Name, _buffers.Count - 1, this), HostArrays.TypeOf(spec.Type), [.. spec.Shape]);
        return array.WithLayout(HostArrays.Seen(spec, array.Layout));
    }

    private unsafe void Pick(DeviceBuffer result, int itemSize, long stride, MemoryStream picked)
    {
        using var memory = new NativeBlock(result.Bytes);
        _queue.Read(result.Handle, memory.Address, result.Bytes);
        _queue.Finish();
        for (long i = 0; i < result.Bytes / itemSize; i += stride)
        {
            picked.Write(new ReadOnlySpan<byte>(memory.Address + (i * itemSize), itemSize));
        }
    }
}
