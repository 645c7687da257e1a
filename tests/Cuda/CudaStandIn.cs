using System.Runtime.InteropServices;
using System.Text;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Devices.Cuda;

namespace Fuser.CudaTesting;

/// <summary>
/// A CUDA driver without a device: it keeps memory, modules, streams and graphs as the driver does, runs kernels by reading their PTX, counts what is open, and
/// fails where a test says so. Commands are done when they are given, which every order of streams allows.
/// </summary>
internal sealed unsafe class CudaStandIn : ICudaApi
{
    private const int NotFound = 500;
    private const int InvalidValue = 1;
    private static readonly nint ErrorText = Marshal.StringToCoTaskMemUTF8("CUDA_ERROR_OF_THE_STAND_IN");

    private readonly Lock _gate = new();
    private readonly SortedDictionary<ulong, long> _memory = [];
    private readonly Dictionary<ulong, long> _tableMemory = [];
    private readonly Dictionary<nint, byte[]> _links = [];
    private readonly Dictionary<nint, (PtxProgram Program, Dictionary<string, nint> Tables)> _modules = [];
    private readonly Dictionary<nint, nint> _functions = [];
    private readonly HashSet<nint> _handles = [];
    private readonly Dictionary<nint, List<(nint Function, ulong[] Parameters, uint Groups, uint GroupSize)>> _graphs = [];
    private readonly HashSet<nint> _contexts = [];
    private readonly Dictionary<ulong, nint> _contextOf = [];
    private readonly List<string> _calls = [];
    private readonly Dictionary<nint, long> _times = [];
    private long _commands;
    private List<(nint Function, ulong[] Parameters, uint Groups, uint GroupSize)>? _capture;
    private nint _lastHandle = 0x1000;
    private int _retained;

    [ThreadStatic]
    private static Stack<nint>? _current;

    /// <summary>Memory of the device.</summary>
    public long MemoryBytes { get; init; } = 1L << 28;

    /// <summary>How many devices there are; each the same.</summary>
    public int Devices { get; init; } = 1;

    /// <summary>Asked before every call: the code to fail with, or 0.</summary>
    public Func<string, int>? Fails { get; set; }

    /// <summary>Changes the text before it is read: a device that computes something else.</summary>
    public Func<string, string> Rewrite { get; init; } = static text => text;

    /// <summary>What the assembler says when it refuses.</summary>
    public string Log { get; init; } = "ptxas: line 7: error: no such instruction";

    /// <summary>The names of all calls so far.</summary>
    public string[] Calls
    {
        get
        {
            lock (_gate)
            {
                return [.. _calls];
            }
        }
    }

    /// <summary>Bytes allocated now.</summary>
    public long Allocated
    {
        get
        {
            lock (_gate)
            {
                return _memory.Values.Sum();
            }
        }
    }

    /// <summary>The most bytes that were allocated at a time, or since this was last set.</summary>
    public long MostAllocated { get; set; }

    /// <summary>Modules, streams, events and graphs that are open.</summary>
    public int Open
    {
        get
        {
            lock (_gate)
            {
                return _handles.Count + _modules.Count + _graphs.Count;
            }
        }
    }

    public AcceleratorCatalogue Catalogue(BinaryStore store) => CudaDevices.Find(this, store) is var found
        ? new AcceleratorCatalogue(found.Devices.CastArray<Accelerator>(), [.. found.Problems.Select(problem => new MissingDevice("cuda", problem))])
        : AcceleratorCatalogue.Empty;

    public int Init(uint flags) => Call(nameof(Init), () => 0);

    public int DriverGetVersion(int* version) => Set(version, 12_040);

    public int GetErrorName(int error, byte** name)
    {
        *name = (byte*)ErrorText;
        return 0;
    }

    public int DeviceGetCount(int* count) => Set(count, Devices);

    public int DeviceGet(int* device, int ordinal) => Set(device, ordinal);

    public int DeviceGetName(byte* name, int length, int device)
    {
        "Stand-in\0"u8.CopyTo(new Span<byte>(name, length));
        return 0;
    }

    public int DeviceTotalMem(nuint* bytes, int device)
    {
        *bytes = (nuint)MemoryBytes;
        return 0;
    }

    public int DeviceGetAttribute(int* value, int attribute, int device) => Set(value, attribute switch { CudaCodes.ClassMajor => 9, CudaCodes.ClassMinor => 0, CudaCodes.HasMemoryPools => 1, CudaCodes.Multiprocessors => 2, _ => 0 });

    public int PrimaryCtxRetain(nint* context, int device)
    {
        var handle = (nint)(0x77 + device);
        var code = Call(nameof(PrimaryCtxRetain), () =>
        {
            _retained++;
            _contexts.Add(handle);
            return 0;
        });
        *context = handle;
        return code;
    }

    public int PrimaryCtxRelease(int device) => Call(nameof(PrimaryCtxRelease), () => --_retained < 0 ? InvalidValue : 0);

    /// <summary>Everything of the context is gone; other contexts keep what is theirs.</summary>
    public int PrimaryCtxReset(int device) => Call(nameof(PrimaryCtxReset), () =>
    {
        foreach (var gone in _contextOf.Where(known => known.Value == 0x77 + device).Select(known => known.Key).ToList())
        {
            if (_memory.Remove(gone))
            {
                NativeMemory.AlignedFree((void*)gone);
            }

            _modules.Remove((nint)gone);
            _handles.Remove((nint)gone);
            _graphs.Remove((nint)gone);
            _contextOf.Remove(gone);
        }

        return 0;
    });

    public int CtxPushCurrent(nint context)
    {
        (_current ??= []).Push(context);
        return 0;
    }

    public int CtxPopCurrent(nint* context)
    {
        *context = _current!.Pop();
        return 0;
    }

    public int LinkCreate(uint count, int* options, void** values, nint* state)
    {
        if (Fails?.Invoke(nameof(LinkAddData)) is > 0 and var refused && refused == CudaCodes.InvalidPtx)
        {
            var log = Encoding.UTF8.GetBytes(Log + '\0');
            log.CopyTo(new Span<byte>(values[0], (int)values[1]));
        }

        return New(state, nameof(LinkCreate));
    }

    public int LinkAddData(nint state, int type, void* data, nuint size, byte* name)
    {
        var given = new ReadOnlySpan<byte>(data, (int)size).ToArray();
        return Call(nameof(LinkAddData), () =>
        {
            if (given[^1] != 0)
            {
                return InvalidValue; // text ends with 0
            }

            var text = Encoding.UTF8.GetBytes(Rewrite(Encoding.UTF8.GetString(given)));
            try
            {
                PtxProgram.Read(Encoding.UTF8.GetString(text, 0, text.Length - 1));
            }
            catch (FormatException)
            {
                return CudaCodes.InvalidPtx;
            }

            _links[state] = GC.AllocateUninitializedArray<byte>(text.Length, pinned: true);
            text.CopyTo(_links[state], 0);
            return 0;
        });
    }

    public int LinkComplete(nint state, void** image, nuint* size)
    {
        var code = Call(nameof(LinkComplete), () => 0);
        var linked = _links[state];
        *image = (void*)Marshal.UnsafeAddrOfPinnedArrayElement(linked, 0);
        *size = (nuint)linked.Length;
        return code;
    }

    public int LinkDestroy(nint state) => Close(state, nameof(LinkDestroy));

    public int ModuleLoadData(nint* module, void* image)
    {
        var text = Marshal.PtrToStringUTF8((nint)image)!;
        nint handle = 0;
        var code = Call(nameof(ModuleLoadData), () =>
        {
            PtxProgram program;
            try
            {
                program = PtxProgram.Read(text);
            }
            catch (FormatException)
            {
                return CudaCodes.InvalidImage;
            }

            handle = Owned();
            _modules.Add(handle, (program, program.Tables.ToDictionary(table => table.Key, table => Place(table.Value, program.TableItemBytes[table.Key]))));
            return 0;
        });
        *module = handle;
        return code;
    }

    public int ModuleGetFunction(nint* function, nint module, byte* name)
    {
        var wanted = Marshal.PtrToStringUTF8((nint)name);
        nint handle = 0;
        var code = Call(nameof(ModuleGetFunction), () =>
        {
            if (!_modules.TryGetValue(module, out var known) || known.Program.Entry != wanted)
            {
                return NotFound;
            }

            handle = ++_lastHandle;
            _functions.Add(handle, module);
            return 0;
        });
        *function = handle;
        return code;
    }

    public int ModuleUnload(nint module) => Call(nameof(ModuleUnload), () => _modules.Remove(module) ? 0 : InvalidValue);

    public int DeviceGetDefaultMemPool(nint* pool, int device)
    {
        *pool = 0x99;
        return 0;
    }

    public int MemPoolSetAttribute(nint pool, int attribute, void* value) => 0;

    public int MemPoolTrimTo(nint pool, nuint keep) => Call(nameof(MemPoolTrimTo), () => 0);

    public int MemAlloc(nint* address, nuint bytes) => MemAllocAsync(address, bytes, 0);

    public int MemFree(nint address) => MemFreeAsync(address, 0);

    public int MemAllocAsync(nint* address, nuint bytes, nint stream)
    {
        nint got = 0;
        var code = Call(nameof(MemAllocAsync), () =>
        {
            if (_memory.Values.Sum() + (long)bytes > MemoryBytes)
            {
                return CudaCodes.OutOfMemory;
            }

            got = (nint)NativeMemory.AlignedAlloc(bytes, 256);
            new Span<byte>((void*)got, (int)bytes).Fill(0xCD); // nobody may rely on what is there
            _memory.Add((ulong)got, (long)bytes);
            MostAllocated = Math.Max(MostAllocated, _memory.Values.Sum());
            _contextOf[(ulong)got] = _current!.Peek();
            return 0;
        });
        *address = got;
        return code;
    }

    public int MemFreeAsync(nint address, nint stream) => Call(nameof(MemFreeAsync), () =>
    {
        if (!_memory.Remove((ulong)address))
        {
            return InvalidValue;
        }

        NativeMemory.AlignedFree((void*)address);
        return 0;
    });

    public int MemHostAlloc(void** memory, nuint bytes, uint flags)
    {
        *memory = NativeMemory.Alloc(bytes);
        return 0;
    }

    public int MemFreeHost(void* memory)
    {
        NativeMemory.Free(memory);
        return 0;
    }

    public int MemcpyHtoDAsync(nint destination, void* source, nuint bytes, nint stream) => Copy(nameof(MemcpyHtoDAsync), source, (void*)destination, bytes, (ulong)destination);

    public int MemcpyDtoHAsync(void* destination, nint source, nuint bytes, nint stream) => Copy(nameof(MemcpyDtoHAsync), (void*)source, destination, bytes, (ulong)source);

    public int MemcpyDtoDAsync(nint destination, nint source, nuint bytes, nint stream)
    {
        Interlocked.Increment(ref _commands);
        return Copy(nameof(MemcpyDtoDAsync), (void*)source, (void*)destination, bytes, (ulong)source);
    }

    public int StreamCreate(nint* stream, uint flags) => New(stream, nameof(StreamCreate));

    public int StreamDestroy(nint stream) => Close(stream, nameof(StreamDestroy));

    public int StreamSynchronize(nint stream) => Call(nameof(StreamSynchronize), () => 0);

    public int StreamWaitEvent(nint stream, nint signal, uint flags) => Call(nameof(StreamWaitEvent), () => _handles.Contains(stream) && _handles.Contains(signal) ? 0 : InvalidValue);

    public int StreamBeginCapture(nint stream, int mode) => Call(nameof(StreamBeginCapture), () =>
    {
        _capture = [];
        return 0;
    });

    public int StreamEndCapture(nint stream, nint* graph)
    {
        var captured = _capture!;
        var code = New(graph, nameof(StreamEndCapture));
        lock (_gate)
        {
            _graphs.Add(*graph, captured);
            _handles.Remove(*graph);
            _capture = null;
        }

        return code;
    }

    public int EventCreate(nint* signal, uint flags)
    {
        var code = New(signal, nameof(EventCreate));
        if (code == 0 && flags == CudaCodes.EventWithTiming)
        {
            lock (_gate)
            {
                _times.Add(*signal, -1);
            }
        }

        return code;
    }

    public int EventRecord(nint signal, nint stream) => Call(nameof(EventRecord), () =>
    {
        if (_times.ContainsKey(signal))
        {
            _times[signal] = _commands;
        }

        return _handles.Contains(signal) ? 0 : InvalidValue;
    });

    /// <summary>Here every kernel and every copy on the device takes a millisecond.</summary>
    public int EventElapsedTime(float* milliseconds, nint start, nint end)
    {
        float elapsed = 0;
        var code = Call(nameof(EventElapsedTime), () =>
        {
            var (from, to) = (_times.GetValueOrDefault(start, -1), _times.GetValueOrDefault(end, -1));
            elapsed = to - from;
            return from < 0 || to < 0 ? InvalidValue : 0;
        });
        *milliseconds = elapsed;
        return code;
    }

    public int EventSynchronize(nint signal) => Call(nameof(EventSynchronize), () => _handles.Contains(signal) ? 0 : InvalidValue);

    public int EventDestroy(nint signal)
    {
        lock (_gate)
        {
            _times.Remove(signal);
        }

        return Close(signal, nameof(EventDestroy));
    }

    public int GraphInstantiate(nint* executable, nint graph, ulong flags)
    {
        nint handle = 0;
        var code = Call(nameof(GraphInstantiate), () =>
        {
            handle = Owned();
            _graphs.Add(handle, _graphs[graph]);
            return 0;
        });
        *executable = handle;
        return code;
    }

    public int GraphLaunch(nint executable, nint stream) => Call(nameof(GraphLaunch), () => _graphs[executable].Select(Run).FirstOrDefault(code => code != 0));

    public int GraphExecDestroy(nint executable) => Call(nameof(GraphExecDestroy), () => _graphs.Remove(executable) ? 0 : InvalidValue);

    public int GraphDestroy(nint graph) => Call(nameof(GraphDestroy), () => _graphs.Remove(graph) ? 0 : InvalidValue);

    public int LaunchKernel(nint function, uint groups, uint groupSize, nint stream, void** parameters)
    {
        ulong[] values;
        lock (_gate)
        {
            if (!_functions.TryGetValue(function, out var module) || !_modules.TryGetValue(module, out var known))
            {
                return InvalidValue;
            }

            values = new ulong[known.Program.Parameters.Count];
            foreach (var (index, bytes) in known.Program.Parameters.Values)
            {
                ulong value = 0;
                Buffer.MemoryCopy(parameters[index], &value, sizeof(ulong), bytes);
                values[index] = value;
            }
        }

        return Call(nameof(LaunchKernel), () =>
        {
            if (_capture is not null)
            {
                _capture.Add((function, values, groups, groupSize));
                return 0;
            }

            return Run((function, values, groups, groupSize));
        });
    }

    private int Run((nint Function, ulong[] Parameters, uint Groups, uint GroupSize) launch)
    {
        var (program, tables) = _modules[_functions[launch.Function]];
        _commands++;
        try
        {
            new PtxThread(program, IsAllocated, tables).Run(launch.Parameters, launch.Groups, launch.GroupSize);
            return 0;
        }
        catch (IllegalAddressException)
        {
            return CudaCodes.IllegalAddress;
        }
    }

    private bool IsAllocated(ulong address, int bytes)
    {
        foreach (var (start, length) in _memory.Concat(_tableMemory))
        {
            if (address >= start && address + (ulong)bytes <= start + (ulong)length)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A table is memory of its module's, here of the device.</summary>
    private nint Place(ulong[] items, int itemBytes)
    {
        var memory = (byte*)NativeMemory.AlignedAlloc((nuint)(items.Length * itemBytes), 256);
        for (var i = 0; i < items.Length; i++)
        {
            var item = items[i];
            Buffer.MemoryCopy(&item, memory + (i * itemBytes), itemBytes, itemBytes);
        }

        _tableMemory.Add((ulong)memory, items.Length * itemBytes);
        return (nint)memory;
    }

    private int Copy(string name, void* source, void* destination, nuint bytes, ulong onDevice) => Call(name, () =>
    {
        if (!IsAllocated(onDevice, (int)bytes))
        {
            return CudaCodes.IllegalAddress;
        }

        Buffer.MemoryCopy(source, destination, bytes, bytes);
        return 0;
    });

    private int Set(int* target, int value)
    {
        *target = value;
        return 0;
    }

    private int New(nint* target, string name)
    {
        nint handle = 0;
        var code = Call(name, () =>
        {
            handle = Owned();
            _handles.Add(handle);
            return 0;
        });
        *target = handle;
        return code;
    }

    /// <summary>A handle that belongs to the current context.</summary>
    private nint Owned()
    {
        _contextOf[(ulong)++_lastHandle] = _current!.Peek();
        return _lastHandle;
    }

    private int Close(nint handle, string name) => Call(name, () => _handles.Remove(handle) ? 0 : InvalidValue);

    private int Call(string name, Func<int> work)
    {
        if (Fails?.Invoke(name) is > 0 and var code)
        {
            return code;
        }

        lock (_gate)
        {
            _calls.Add(name);
            return work();
        }
    }
}
