using System.Collections.Concurrent;
using Basalt.Engine.Collections;
using Basalt.Lsm;

namespace Basalt.Engine.Writing;

/// <summary>
/// One thread decides and stages all writes in the order in which they come; those that wait while a commit is under way share the next one. So a decision is
/// made on what is really there, without locks, and one sync serves many. At most <see cref="MostWaiting"/> requests wait; more wait to be let in. Thread-safe.
/// </summary>
internal sealed class WriteQueue : IAsyncDisposable
{
    private const int MostWaiting = 1024;

    /// <summary>A commit takes no further requests from here on.</summary>
    private const int MostBytes = 8 << 20;

    private readonly LsmStore _store;
    private readonly Stage _stage;
    private readonly WriteBatch _batch = new();
    private readonly SemaphoreSlim _room = new(MostWaiting);
    private readonly BlockingCollection<Request> _waiting = [];
    private readonly List<Request> _group = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WriteQueue(LsmStore store, Catalogue catalogue, TimeProvider clock)
    {
        (_store, _stage) = (store, new Stage(catalogue, clock));
        new Thread(Run) { Name = "Basalt.Engine writer", IsBackground = true }.Start();
    }

    /// <summary>Does a request; returns its answer when it is durable.</summary>
    public async Task<T> DoAsync<T>(Request<T> request)
    {
        await _room.WaitAsync(request.CancellationToken).ConfigureAwait(false);
        try
        {
            Add(request);
            return await request.Answer.ConfigureAwait(false);
        }
        finally
        {
            _room.Release();
        }
    }

    /// <summary>Does what waits, and ends the thread.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_waiting) _waiting.CompleteAdding();
        await _ended.Task.ConfigureAwait(false);
        _waiting.Dispose();
    }

    private void Add(Request request)
    {
        lock (_waiting)
        {
            ObjectDisposedException.ThrowIf(_waiting.IsAddingCompleted, typeof(EngineBackend));
            _waiting.Add(request, CancellationToken.None);
        }
    }

    private void Run()
    {
        foreach (var first in _waiting.GetConsumingEnumerable())
        {
            var request = first;
            while (request is not null) request = Commit(request);
        }

        _ended.SetResult();
    }

    /// <summary>One commit of a request and those that wait behind it; gives back the one that is to go on.</summary>
    private Request? Commit(Request first)
    {
        Request? unfinished = null;
        var request = first;
        do
        {
            unfinished = Stage(request);
        }
        while (unfinished is null && _stage.Bytes < MostBytes && _waiting.TryTake(out request));

        try
        {
            if (!_stage.IsEmpty)
            {
                _stage.Build(_batch);
                _store.Commit(_batch);
                _stage.Apply();
            }

            foreach (var done in _group) done.Succeed();
        }
        catch (Exception e)
        {
            _stage.Abandon();
            foreach (var failed in _group) failed.Fail(e);
            unfinished?.Fail(e);
            unfinished = null;
        }

        _group.Clear();
        _batch.Clear();
        return unfinished;
    }

    /// <summary>Stages a request as one of the group; gives it back when it is to go on after the commit.</summary>
    private Request? Stage(Request request)
    {
        if (request.CancellationToken.IsCancellationRequested)
        {
            request.Cancel();
            return null;
        }

        var mark = _stage.Mark();
        try
        {
            if (!request.Stage(_stage)) return request;
            _group.Add(request);
        }
        catch (Exception e)
        {
            _stage.Undo(mark);
            request.Fail(e);
        }

        return null;
    }
}
