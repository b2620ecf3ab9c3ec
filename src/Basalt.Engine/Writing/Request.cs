namespace Basalt.Engine.Writing;

/// <summary>What somebody asks the one writer to do. It is done within a commit, which other requests may share.</summary>
internal abstract class Request(CancellationToken cancellationToken)
{
    /// <summary>Ends it before it is begun.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>Stages its changes; false when what is staged must be committed first and it goes on after that. What it throws is its own failure and takes back what it staged.</summary>
    public abstract bool Stage(Stage stage);

    /// <summary>Its changes are durable.</summary>
    public abstract void Succeed();

    public abstract void Fail(Exception cause);

    public abstract void Cancel();
}

/// <summary>A request that is answered.</summary>
internal abstract class Request<T>(CancellationToken cancellationToken) : Request(cancellationToken)
{
    // The writer must not run what waits for it.
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Answer => _answer.Task;

    protected abstract T Result { get; }

    public override void Succeed() => _answer.SetResult(Result);

    public override void Fail(Exception cause) => _answer.SetException(cause);

    public override void Cancel() => _answer.SetCanceled(CancellationToken);
}
