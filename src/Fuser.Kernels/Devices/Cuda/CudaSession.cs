using System.Text;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Devices.Cuda;

/// <summary>
/// The primary context of a device, which every library of the process shares. It is made current around each call and put back after it, so that other users of the
/// thread find theirs. Memory comes from the driver's pool, which keeps what is freed.
/// </summary>
internal sealed unsafe class CudaSession : DeviceSession
{
    private const int MostLog = 16 << 10;
    private const ulong KeepEverything = ulong.MaxValue;

    private readonly CudaAccelerator _accelerator;
    private readonly ICudaApi _api;
    private readonly int _device;
    private readonly nint _context;
    private readonly nint _pool;
    private readonly nint _memoryStream;
    private readonly BinaryStore _store;
    private readonly Lock _gate = new();
    private long _allocations;
    private bool _isLost;
    private bool _isClosed;

    public CudaSession(CudaAccelerator accelerator, ICudaApi api, int device, bool hasPools, BinaryStore store)
    {
        _accelerator = accelerator;
        _api = api;
        _device = device;
        _store = store;
        nint context;
        Check(api.PrimaryCtxRetain(&context, device), "cuDevicePrimaryCtxRetain");
        _context = context;
        try
        {
            using var current = Enter();
            if (hasPools)
            {
                nint pool, stream;
                var threshold = KeepEverything;
                Check(api.DeviceGetDefaultMemPool(&pool, device), "cuDeviceGetDefaultMemPool");
                Check(api.MemPoolSetAttribute(pool, CudaCodes.PoolReleaseThreshold, &threshold), "cuMemPoolSetAttribute");
                Check(api.StreamCreate(&stream, CudaCodes.StreamNonBlocking), "cuStreamCreate");
                (_pool, _memoryStream) = (pool, stream);
            }
        }
        catch
        {
            api.PrimaryCtxRelease(device);
            throw;
        }
    }

    public override DeviceLimits Limits => _accelerator.Limits;

    public ICudaApi Api => _api;

    /// <summary>Whether what belongs to the context is gone with it.</summary>
    public bool IsClosed => Volatile.Read(ref _isClosed);

    /// <summary>Allocations so far: a stream that has not seen the last one has to wait for it.</summary>
    public long Allocations => Volatile.Read(ref _allocations);

    /// <summary>Makes the context current until disposed.</summary>
    public Scope Enter()
    {
        Check(_api.CtxPushCurrent(_context), "cuCtxPushCurrent");
        return new Scope(_api);
    }

    public override nint TryAllocate(long bytes)
    {
        using var current = Enter();
        nint address;
        var code = _pool == 0 ? _api.MemAlloc(&address, (nuint)bytes) : _api.MemAllocAsync(&address, (nuint)bytes, _memoryStream);
        if (code == CudaCodes.OutOfMemory)
        {
            return 0;
        }

        Check(code, $"an allocation of {bytes} bytes");
        Interlocked.Increment(ref _allocations);
        return address;
    }

    /// <summary>Only ever of memory that nothing on the device uses any more: runs wait for their end before they let go.</summary>
    public override void Free(nint buffer)
    {
        if (IsClosed)
        {
            return;
        }

        using var current = Enter();
        Check(_pool == 0 ? _api.MemFree(buffer) : _api.MemFreeAsync(buffer, _memoryStream), "cuMemFree");
    }

    public override void Trim()
    {
        if (_pool != 0)
        {
            using var current = Enter();
            Check(_api.StreamSynchronize(_memoryStream), "cuStreamSynchronize");
            Check(_api.MemPoolTrimTo(_pool, 0), "cuMemPoolTrimTo");
        }
    }

    /// <summary>Never: reading host memory through the bus from every kernel is slower than one copy.</summary>
    public override nint TryWrap(byte* host, long bytes, int itemSize) => 0;

    /// <summary>Orders a stream after every allocation so far.</summary>
    public void OrderAfterAllocations(nint stream, nint signal)
    {
        if (_memoryStream != 0)
        {
            lock (_gate)
            {
                Check(_api.EventRecord(signal, _memoryStream), "cuEventRecord");
                Check(_api.StreamWaitEvent(stream, signal, 0), "cuStreamWaitEvent");
            }
        }
    }

    public override LoadedCode Load(DeviceCode code)
    {
        string[] key = ["ptx", code.Text, Limits.Identity];
        using var current = Enter();
        if (_store.Read(key) is { } known && TryLoadImage(known, code) is { } ready)
        {
            return ready;
        }

        var image = Assemble(code);
        _store.Write(image, key);
        return TryLoadImage(image, code)
            ?? throw new CompileException(ErrorCodes.CompileFailed, $"device {_accelerator.Name}: the driver does not load what it assembled for kernel {code.Entry}");
    }

    public override DeviceQueue CreateQueue() => new CudaQueue(this, _accelerator);

    public override void Dispose()
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
        }

        if (_isLost)
        {
            _api.PrimaryCtxReset(_device); // an error like that stays with the context, for all its users, until it is gone
        }
        else if (_memoryStream != 0)
        {
            using var current = Enter();
            _api.StreamDestroy(_memoryStream);
        }

        _api.PrimaryCtxRelease(_device);
    }

    public void Check(int code, string what)
    {
        if (code != CudaCodes.Success)
        {
            _isLost |= CudaCodes.IsLost(code);
            throw CudaCodes.Failure(_api, code, _accelerator.Name, what);
        }
    }

    /// <summary>Assembles text to machine code, which can be kept; loading the text itself would leave the result in the driver.</summary>
    private byte[] Assemble(DeviceCode code)
    {
        var log = new byte[MostLog];
        fixed (byte* firstOfLog = log)
        {
            var options = stackalloc int[] { CudaCodes.JitErrorLog, CudaCodes.JitErrorLogSize };
            var values = stackalloc void*[] { firstOfLog, (void*)MostLog }; // sizes are handed over as pointers
            nint state;
            Check(_api.LinkCreate(2, options, values, &state), "cuLinkCreate");
            try
            {
                void* image = null;
                nuint size = 0;
                int result;
                var text = Encoding.ASCII.GetBytes(code.Text + '\0');
                fixed (byte* firstOfText = text, name = Encoding.ASCII.GetBytes(code.Entry + '\0'))
                {
                    result = _api.LinkAddData(state, CudaCodes.InputIsPtx, firstOfText, (nuint)text.Length, name);
                }

                if (result == CudaCodes.Success)
                {
                    result = _api.LinkComplete(state, &image, &size);
                }

                if (result != CudaCodes.Success)
                {
                    if (CudaCodes.IsLost(result))
                    {
                        Check(result, $"the assembly of kernel {code.Entry}");
                    }

                    throw new CompileException(ErrorCodes.CompileFailed, $"device {_accelerator.Name}: the driver refused kernel {code.Entry} with {CudaCodes.Name(_api, result)} ({result}); its log:\n{Encoding.UTF8.GetString(log).Split('\0')[0].TrimEnd()}");
                }

                return new ReadOnlySpan<byte>(image, checked((int)size)).ToArray();
            }
            finally
            {
                _api.LinkDestroy(state);
            }
        }
    }

    /// <summary>Null when the driver takes it for no image of this device, or the kernel is not in it.</summary>
    private CudaCode? TryLoadImage(byte[] image, DeviceCode code)
    {
        nint module, function;
        int result;
        fixed (byte* first = image)
        {
            result = _api.ModuleLoadData(&module, first);
        }

        if (result != CudaCodes.Success)
        {
            if (CudaCodes.IsLost(result) || result == CudaCodes.OutOfMemory)
            {
                Check(result, $"cuModuleLoadData of kernel {code.Entry}");
            }

            return null;
        }

        fixed (byte* name = Encoding.ASCII.GetBytes(code.Entry + '\0'))
        {
            result = _api.ModuleGetFunction(&function, module, name);
        }

        if (result == CudaCodes.Success)
        {
            return new CudaCode(this, module, function, image.Length);
        }

        _api.ModuleUnload(module);
        return null;
    }

    /// <summary>Puts back the context that was current before.</summary>
    public readonly ref struct Scope(ICudaApi api)
    {
        public void Dispose()
        {
            nint left;
            _ = api.CtxPopCurrent(&left); // the call before has said what there was to say
        }
    }
}

/// <summary>A module and its one function.</summary>
internal sealed class CudaCode(CudaSession session, nint module, nint function, long bytes) : LoadedCode
{
    public nint Function => function;

    public override long Bytes => bytes;

    public override void Dispose()
    {
        if (!session.IsClosed)
        {
            using var current = session.Enter();
            _ = session.Api.ModuleUnload(module); // nothing runs it; if it cannot be unloaded, its memory goes with the context
        }
    }
}
