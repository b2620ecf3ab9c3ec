using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Basalt.Lsm.Wal;

/// <summary>
/// Shut, threads wait at it; opened, all of them go on, woken by one call. On Linux it is a futex, because there a monitor costs about three
/// times the processor time for each thread that it wakes, which is what group commit spends most of its time on; elsewhere it is a monitor.
/// </summary>
internal sealed unsafe partial class Latch(bool asMonitor = false)
{
    private const int Shut = 0;
    private const int Opened = 1;
    private const int WaitPrivate = 128;
    private const int WakePrivate = 129;

    /// <summary>The number of the system call; zero where it is not known.</summary>
    private static readonly int Futex = !OperatingSystem.IsLinux() ? 0 : RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 202,
        Architecture.Arm64 => 98,
        _ => 0,
    };

    /// <summary>Pinned, so that the system may know its address.</summary>
    private readonly int[] _state = GC.AllocateArray<int>(1, pinned: true);

    private readonly bool _isMonitor = asMonitor || Futex == 0;

    private int* Address => (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_state));

    /// <summary>Returns when it is open.</summary>
    public void Wait()
    {
        if (_isMonitor)
        {
            lock (_state)
                while (_state[0] == Shut) Monitor.Wait(_state);
            return;
        }

        // The system looks once more whether it is shut, so that no opening is missed; it may return early.
        while (Volatile.Read(ref _state[0]) == Shut) Call(Futex, Address, WaitPrivate, Shut, 0, 0, 0);
    }

    public void Open()
    {
        if (_isMonitor)
        {
            lock (_state)
            {
                _state[0] = Opened;
                Monitor.PulseAll(_state);
            }

            return;
        }

        Volatile.Write(ref _state[0], Opened);
        Call(Futex, Address, WakePrivate, int.MaxValue, 0, 0, 0);
    }

    /// <summary>Shuts it again; nobody may wait at it or be about to.</summary>
    public void Reset() => Volatile.Write(ref _state[0], Shut);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Call(nint number, int* address, nint operation, nint value, nint timeout, nint address2, nint value3);
}
