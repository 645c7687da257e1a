using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>
/// One run of a plan on a device: binds the inputs (those on the device where they are, those of the host without a copy where memory is shared), launches every
/// kernel, and brings the results to the host or leaves them there. Copies and kernels are enqueued without waiting in between, except around steps that
/// run on the host.
/// </summary>
internal sealed unsafe partial class DeviceRun : IDisposable
{
    private readonly DevicePlan _plan;
    private readonly DeviceHeap _heap;
    private readonly DeviceQueue _queue;
    private readonly Func<ResidentMemory, DeviceBuffer> _resolve;
    private readonly int _threads;
    private readonly BoundBuffer[] _bound;
    private readonly nint[] _onHost;
    private readonly HostStep?[] _hostSteps;
    private readonly Dictionary<int, ImmutableArray<DeviceProgram>> _routinePrograms = [];
    private readonly List<DeviceBuffer> _held = [];
    private readonly List<nint> _wrapped = [];
    private readonly List<MemoryRange> _ranges = [];
    private readonly List<MemoryHandle> _pins = [];
    private readonly List<nint> _staging = [];
    private readonly List<DeviceProgram> _programs = [];
    private readonly List<int> _mapped = [];
    private DeviceBuffer? _scratch;
    private DeviceFault? _fault;
    private bool _isPending;

    /// <param name="threads">That steps on the host may use.</param>
    /// <param name="resolve">Finds the buffer of an array that is on the device, and takes hold of it for this run.</param>
    public DeviceRun(DevicePlan plan, DeviceHeap heap, DeviceQueue queue, int threads, Func<ResidentMemory, DeviceBuffer> resolve)
    {
        _plan = plan;
        _heap = heap;
        _queue = queue;
        _resolve = resolve;
        _threads = threads;
        _bound = new BoundBuffer[plan.Plan.Buffers.Length];
        _onHost = new nint[plan.Plan.Buffers.Length];
        _hostSteps = [.. plan.HostSteps];
    }

    /// <summary>Runs into arrays of the host, which must have the plan's shapes and dtypes.</summary>
    /// <exception cref="InputException">An integer was divided by zero, or an index was none.</exception>
    /// <exception cref="LaunchException">Memory is exhausted, or the device failed.</exception>
    public void Run(ReadOnlySpan<FuserValue> inputs, ReadOnlySpan<NdArray> outputs, ReadOnlySpan<CompiledKernel> kernels, long seed)
    {
        OutputCheck.Check(_plan.Plan, outputs);
        BindInputs(inputs);
        var results = BindOutputs(outputs);
        var numbers = Numbers(inputs);
        Launch(inputs, kernels, numbers, seed);
        for (var i = 0; i < results.Length; i++)
        {
            FetchOutput(i, outputs[i], results[i], numbers);
        }

        _queue.Finish();
        _isPending = false;
        for (var i = 0; i < results.Length; i++)
        {
            results[i].Scatter(outputs[i]);
        }
    }

    /// <summary>Runs and leaves the results on the device: one buffer per output, row-major, held for the caller.</summary>
    /// <exception cref="InputException">An integer was divided by zero, or an index was none.</exception>
    /// <exception cref="LaunchException">Memory is exhausted, or the device failed.</exception>
    public ImmutableArray<DeviceBuffer> RunResident(ReadOnlySpan<FuserValue> inputs, ReadOnlySpan<CompiledKernel> kernels, long seed)
    {
        BindInputs(inputs);
        var outputs = _plan.Plan.Outputs;
        var results = new DeviceBuffer[outputs.Length];
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = Allocate(Shapes.ElementCount(outputs[i].Shape.AsSpan()) * outputs[i].DType.ItemSize());
            if (outputs[i].ScalarSlot < 0)
            {
                _bound[outputs[i].Buffer] = new BoundBuffer(results[i].Handle, 0);
            }
        }

        var numbers = Numbers(inputs);
        Launch(inputs, kernels, numbers, seed);
        for (var i = 0; i < results.Length; i++)
        {
            if (outputs[i].ScalarSlot >= 0)
            {
                var number = Stage(sizeof(long));
                *(long*)number = numbers[outputs[i].ScalarSlot];
                _queue.Write(results[i].Handle, number, outputs[i].DType.ItemSize());
            }
        }

        _queue.Finish();
        _isPending = false;
        foreach (var result in results)
        {
            result.TryHold(); // this run's own hold ends with it
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(results);
    }

    public void Dispose()
    {
        if (_isPending)
        {
            WaitForWhatWasBegun();
        }

        _fault?.Dispose();
        _programs.ForEach(static program => program.Release());
        _wrapped.ForEach(_heap.Session.Free);
        _held.ForEach(static buffer => buffer.Release());
        _staging.ForEach(static memory => NativeMemory.AlignedFree((void*)memory));
        _pins.ForEach(static pin => pin.Dispose());
    }

    /// <summary>A run that failed half-way: what it enqueued may still use the memory that is about to be given back.</summary>
    private void WaitForWhatWasBegun()
    {
        try
        {
            _queue.Finish();
        }
        catch (LaunchException)
        {
            // The run has failed already, and says so; a second failure of the same device adds nothing.
        }
    }

    private void Launch(ReadOnlySpan<FuserValue> inputs, ReadOnlySpan<CompiledKernel> kernels, ReadOnlySpan<long> numbers, long seed)
    {
        var steps = _plan.Plan.Steps;
        PrepareRoutines();
        for (var next = 0; next < steps.Length;)
        {
            if (_hostSteps[next] is { } onHost)
            {
                RunOnHost(onHost, inputs, kernels, numbers, seed);
                next++;
                continue;
            }

            var (end, launches) = (next, 0);
            for (; end < steps.Length && _hostSteps[end] is null; end++)
            {
                launches += steps[end] is not KernelStep kernel ? _plan.Routines[end]!.Launches : kernels[kernel.Group] is DeviceRowKernel rows ? rows.Passes.Length : 1;
            }

            _queue.BeginPlan(launches);
            for (; next < end; next++)
            {
                if (steps[next] is KernelStep kernel)
                {
                    LaunchGroup(_plan.Specialisations[kernel.Group], kernels[kernel.Group], numbers, seed);
                }
                else
                {
                    LaunchRoutine(next);
                }
            }

            _queue.EndPlan();
        }

        try
        {
            _fault?.Check();
        }
        catch (DivideByZeroException error)
        {
            throw GroupLaunch.DividedByZero(error);
        }

        if (_fault?.IsIndex is true)
        {
            ThrowWrongIndex(inputs, kernels, numbers, seed);
        }
    }

    private void LaunchGroup(Specialisation specialisation, CompiledKernel kernel, ReadOnlySpan<long> numbers, long seed)
    {
        if (kernel is DeviceRowKernel rows)
        {
            LaunchRows(specialisation, rows, numbers, seed);
            return;
        }

        var elements = specialisation.Loops!.ElementCount;
        if (elements == 0)
        {
            return;
        }

        var elementwise = (DeviceKernel)kernel;
        var memory = new KernelMemory(FaultOf(elementwise.Code.Parameters));
        var values = DeviceArguments.Of(specialisation, elementwise.Code.Parameters, _bound, numbers, seed, memory);
        Start(elementwise.Program, values, (elements + elementwise.Code.Width - 1) / elementwise.Code.Width);
    }

    private void LaunchRows(Specialisation specialisation, DeviceRowKernel kernel, ReadOnlySpan<long> numbers, long seed)
    {
        var nest = specialisation.Rows!;
        var (rows, length) = (nest.Rows.Count, nest.Elements.Count);
        if (rows == 0 || length == 0)
        {
            return;
        }

        var form = kernel.Rows.Form;
        var memory = new KernelMemory(FaultOf(kernel.Rows.Parameters));
        if (form.IsSplit)
        {
            var chunk = form.ChunkOf(nest, _heap.Session.Limits.Units);
            var chunks = (length + chunk - 1) / chunk;
            memory = memory with { ChunkLength = chunk, Chunks = chunks, Scratch = Scratch(MemorySizes.Exact(kernel.Rows.ScratchWords(rows, chunks), sizeof(long))) };
        }

        var values = DeviceArguments.Of(specialisation, kernel.Rows.Parameters, _bound, numbers, seed, memory);
        for (var i = 0; i < kernel.Passes.Length; i++)
        {
            var units = kernel.Rows.Passes[i].IsOverChunks ? rows * memory.Chunks : rows;
            Start(kernel.Passes[i], values, units * form.Lanes);
        }
    }

    /// <summary>Memory between the passes of one kernel after the other: what one left there, none of the next ones reads.</summary>
    private nint Scratch(long bytes)
    {
        if (_scratch is null || _scratch.Bytes < bytes)
        {
            _scratch = Allocate(bytes);
        }

        return _scratch.Handle;
    }

    private nint FaultOf(KernelParameters parameters)
    {
        if (!parameters.HasFault)
        {
            return 0;
        }

        _fault ??= new DeviceFault(_heap, _queue);
        return _fault.Handle;
    }

    private void Start(DeviceProgram program, ulong[] values, long items)
    {
        var loaded = program.Acquire(_heap.Session);
        _programs.Add(program);
        _queue.Launch(loaded, program.Code, values, items);
    }

    private void RunOnHost(HostStep step, ReadOnlySpan<FuserValue> inputs, ReadOnlySpan<CompiledKernel> kernels, ReadOnlySpan<long> numbers, long seed)
    {
        try
        {
            foreach (var buffer in step.Reads.Union(step.Writes))
            {
                BringToHost(buffer, inputs);
            }

            _queue.Finish();
            fixed (long* firstNumber = numbers)
            fixed (nint* buffers = _onHost)
            {
                step.Run(kernels, (byte**)buffers, firstNumber, seed, _threads);
            }

            foreach (var buffer in step.Writes.Where(buffer => !_mapped.Contains(buffer)))
            {
                _queue.Write(_bound[buffer].Handle, (byte*)_onHost[buffer], _plan.BytesOf(buffer));
            }
        }
        finally
        {
            foreach (var buffer in _mapped)
            {
                _queue.Unmap(_bound[buffer].Handle, (byte*)_onHost[buffer]);
                _onHost[buffer] = 0;
            }

            _mapped.Clear();
        }
    }

    /// <summary>What is not the caller's own array, and lies in memory of the device, is copied: also what is written, because parts of it may be left as they are.</summary>
    private void BringToHost(int buffer, ReadOnlySpan<FuserValue> inputs)
    {
        var planned = _plan.Plan.Buffers[buffer];
        if (planned.Kind == BufferKind.Input && inputs[planned.Index].Array.Memory is not ResidentMemory)
        {
            _onHost[buffer] = inputs[planned.Index].Array.ElementCount == 0 ? 0 : (nint)Pin(inputs[planned.Index].Array);
            return;
        }

        var bytes = _plan.BytesOf(buffer);
        if (planned.Kind == BufferKind.Input && _bound[buffer].Handle == 0)
        {
            _bound[buffer] = Bind(inputs[planned.Index].Array); // on the device, and read by no kernel there
        }

        if (_queue.TryMap(_bound[buffer].Handle, bytes) is var mapped && mapped != null)
        {
            _onHost[buffer] = (nint)mapped;
            _mapped.Add(buffer);
            return;
        }

        if (_onHost[buffer] == 0)
        {
            _onHost[buffer] = (nint)Stage(bytes);
        }

        _queue.Read(_bound[buffer].Handle, (byte*)_onHost[buffer], bytes);
    }

    private void FetchOutput(int output, NdArray array, HostResult result, ReadOnlySpan<long> numbers)
    {
        var planned = _plan.Plan.Outputs[output];
        var item = planned.DType.ItemSize();
        if (planned.ScalarSlot >= 0)
        {
            MemoryMarshal.AsBytes(numbers.Slice(planned.ScalarSlot, 1))[..item].CopyTo(MemoryMarshal.CreateSpan(ref array.First, item));
        }
        else if (result.IsWrapped)
        {
            _queue.ReadWrapped(result.Handle, array.ElementCount * item);
        }
        else if (result.Memory != 0)
        {
            _queue.Read(result.Handle, (byte*)result.Memory, array.ElementCount * item);
        }
    }

    private long[] Numbers(ReadOnlySpan<FuserValue> inputs)
    {
        var values = new FuserValue[_plan.Plan.Scalars.Count];
        _plan.Plan.Scalars.Run(inputs, values);
        return Array.ConvertAll(values, value => value.Kind switch
        {
            FuserValueKind.Float => BitConverter.DoubleToInt64Bits(value.Float),
            FuserValueKind.Array => 0,
            _ => value.Integer,
        });
    }

    private DeviceBuffer Allocate(long bytes)
    {
        var buffer = _heap.Allocate(bytes);
        _held.Add(buffer);
        return buffer;
    }

    private byte* Pin(NdArray array)
    {
        _pins.Add(array.Pin());
        return (byte*)_pins[^1].Pointer;
    }

    private byte* Stage(long bytes)
    {
        var memory = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), 64);
        _staging.Add((nint)memory);
        return memory;
    }
}
