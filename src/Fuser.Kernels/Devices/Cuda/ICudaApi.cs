namespace Fuser.Kernels.Devices.Cuda;

/// <summary>
/// The functions of the CUDA driver that are used, as the driver has them: codes and handles, no exceptions. Tests put a stand-in here that
/// loses the device, has no memory, or refuses a kernel.
/// </summary>
internal unsafe interface ICudaApi
{
    int Init(uint flags);

    int DriverGetVersion(int* version);

    int GetErrorName(int error, byte** name);

    int DeviceGetCount(int* count);

    int DeviceGet(int* device, int ordinal);

    int DeviceGetName(byte* name, int length, int device);

    int DeviceTotalMem(nuint* bytes, int device);

    int DeviceGetAttribute(int* value, int attribute, int device);

    int PrimaryCtxRetain(nint* context, int device);

    int PrimaryCtxRelease(int device);

    int PrimaryCtxReset(int device);

    int CtxPushCurrent(nint context);

    int CtxPopCurrent(nint* context);

    int LinkCreate(uint count, int* options, void** values, nint* state);

    int LinkAddData(nint state, int type, void* data, nuint size, byte* name);

    int LinkComplete(nint state, void** image, nuint* size);

    int LinkDestroy(nint state);

    int ModuleLoadData(nint* module, void* image);

    int ModuleGetFunction(nint* function, nint module, byte* name);

    int ModuleUnload(nint module);

    int DeviceGetDefaultMemPool(nint* pool, int device);

    int MemPoolSetAttribute(nint pool, int attribute, void* value);

    int MemPoolTrimTo(nint pool, nuint keep);

    int MemAlloc(nint* address, nuint bytes);

    int MemFree(nint address);

    int MemAllocAsync(nint* address, nuint bytes, nint stream);

    int MemFreeAsync(nint address, nint stream);

    int MemHostAlloc(void** memory, nuint bytes, uint flags);

    int MemFreeHost(void* memory);

    int MemcpyHtoDAsync(nint destination, void* source, nuint bytes, nint stream);

    int MemcpyDtoHAsync(void* destination, nint source, nuint bytes, nint stream);

    int MemcpyDtoDAsync(nint destination, nint source, nuint bytes, nint stream);

    int StreamCreate(nint* stream, uint flags);

    int StreamDestroy(nint stream);

    int StreamSynchronize(nint stream);

    int StreamWaitEvent(nint stream, nint signal, uint flags);

    int StreamBeginCapture(nint stream, int mode);

    int StreamEndCapture(nint stream, nint* graph);

    int EventCreate(nint* signal, uint flags);

    int EventRecord(nint signal, nint stream);

    int EventSynchronize(nint signal);

    int EventElapsedTime(float* milliseconds, nint start, nint end);

    int EventDestroy(nint signal);

    int GraphInstantiate(nint* executable, nint graph, ulong flags);

    int GraphLaunch(nint executable, nint stream);

    int GraphExecDestroy(nint executable);

    int GraphDestroy(nint graph);

    int LaunchKernel(nint function, uint groups, uint groupSize, nint stream, void** parameters);
}
